const words = (text: string) => text.trim().split(/\s+/)
const phrases = (text: string) => text.trim().split(/\s*[|\n]\s*/)

/** Lists to pick from. In a text of one, the name of another in brackets stands for a pick from that one. */
export const vocabulary = {
  letter: [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  adjective: words(`
    Amber Astral Bitter Black Blind Blue Broken Cold Copper Crooked Distant Early Electric Empty Endless Falling Final
    Floating Foolin' Frozen Golden Green Half-Wild Haunted Heavy Hidden Honest Iron Lazy Lonely Lost Lucky Midnight Neon
    Old Open Quiet Rainy Red Restless Rollin' Royal Secret Seven Silent Silver Solar Sugar Sweet Velvet Wild Young
  `),
  /** The plural of each ends in s. */
  noun: words(`
    Anchor Angel Answer Arrow Bell Bird Bridge Castle Clock Cloud Comet Coyote Crow Diamond Doctor Dog Door Dream Empire
    Engine Field Fire Flower Garden Ghost Giant Girl Guitar Harbor Heart Highway Horizon Horse House Hurricane Kite Lamp
    Lantern Letter Lion Machine Map Mirror Moon Mountain Night Ocean Owl Pirate Planet Queen Railroad Raven River Road
    Robot Rose Sailor Signal Sister Star Station Stone Storm Tiger Tower Train Valley Violin Whale Window
  `),
  woman: words(`
    Ada Agnes Alma Amara Beatrix Camille Chioma Cora D'Arcy Delphine Edith Esme Fatima Freya Greta Hana Ingrid Juno
    Katja Maeve Marisol Mei Nadia Nell Noor Odette Priya Renée Rosa Tamsin Ursula Vera Wanjiru Yuki Zahra Zoë
  `),
  man: words(`
    Abel Aksel Amir André Anton Basil Bram Caspar Conrad D'Angelo Dario Diego Elias Emeka Florian François Gideon Giles
    Hiroshi Hugo Idris Ivo Jonas José Kofi Lars Magnus Nikos Obi Oskar Pavel Rafael Ruben Søren Silas Wei Yusuf
  `),
  surname: phrases(`
    Abara | Almeida | Ashdown | Barrow | Bergström | Bhatt | Boateng | Brennan | Chevalier | Cobb | D'Souza | Dahl
    De la Cruz | Dimitrov | Dvořák | Eberhart | El-Amin | Fairchild | Fenwick | Ferreira | Fontaine | Haddad | Halloran
    Hawthorne | Ibarra | Ito | Jankowski | Kapoor | Kimura | Krüger | Langley | Larkin | Lindqvist | McTavish
    Mills-Ray | Muñoz | N'Diaye | O'Dell | Okafor | Ortega | Papadakis | Petrov | Quigley | Rasmussen | Reyes | Rossi
    Silva | Sjöberg | St. John | Strand | Takeda | Tran | Vasquez | Voigt | Voss | Wójcik | Zhang
  `),
  artist: phrases(`
    <woman> <surname> | <man> <surname> | The <adjective> <noun>s | The <surname> <noun>s | <adjective> <noun>
    <noun> <noun> | <woman> <surname> & The <noun>s | <noun>_ <noun> & <noun> | DJ "<noun>" <surname>
  `),
  /** Other scripts, quotes, a backslash, numbers only. */
  oddArtist: phrases(String.raw`
    Café Sin Nombre | Les Naïfs | Mötorhüd | Blåvinge | Señor Loop | Orquesta Típica del Mañana | Quatuor Élan | Żuraw
    Björn & Fjörd | Ünlü Kardeşler | João do Farol | Группа Рассвет | Τρίο Θάλασσα | 月見バンド | 심야버스 | 404 | 2600 | 73
    "Weird" Alma Voss | N'Kosi Sound | AC\CD | !Hurrah! | Mr. & Mrs. Metronome | Café Müller / Orchestre de l'Été
  `),
  title: phrases("<adjective> <noun> | The <noun>'s <noun> | My <noun> | <noun> / <noun> | <noun> Of The <noun>s"),
  oddTitle: phrases(`
    Don't Wait Up | I Can't Find My Way | It's Only Tuesday | 1999 | 12 | "Heroine" | El Niño y la Niebla | Où est la lune
    Über den Dächern | Förlåt mig | Drømmen om Øst | Żółty parasol | Şehir Işıkları | Ночной поезд | Τα κύματα | 夜の図書館
  `),
  /** Where users live, the large ones first. */
  city: phrases(`
    New Harbour-Ironbridge-Eastmere, NY-NJ | Port Alder-Ferncliff-Long Meadow, CA | Lakehurst-Old Quarry, IL-IN
    Bayou Clair-The Pinewoods, TX | Motor Town-Dunmore, MI | San Aurelio-Cañon Verde, CA | Twin Rivers-St. Osric, MN-WI
    Stonebridge--Rosehill--Arden Park, CA | St. Brendan's Bay, FL | Salt Basin, UT | Coeur d'Ébène, ID | Hāna Makai, HI
  `),
}

/** Where artists come from: name, latitude, longitude. */
export const homeTowns: readonly (readonly [string, number, number])[] = [
  ['Port Alder, CA', 34.17233, -119.22218],
  ['BAYOU CLAIR, Texas', 29.88125, -95.20763],
  ["St. Brendan's Bay, FL", 27.80443, -82.71026],
  ['Aldermoor, London, England', 51.47218, -0.05592],
  ['São Bento do Mar, Brazil', -12.80136, -38.40719],
  ['月見町, Japan', 34.80936, 135.60248],
]

const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X'
const windows = 'Mozilla/5.0 (Windows NT'
const linux = 'Mozilla/5.0 (X11; Linux x86_64)'
const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'

/** Browsers of 2014, the common ones first. */
export const userAgents: readonly string[] = [
  `${mac} 10_9_4) ${webKit} Chrome/36.0.1985.125 Safari/537.36`,
  `${windows} 6.1; WOW64) ${webKit} Chrome/36.0.1985.143 Safari/537.36`,
  `${mac} 10_9_4) AppleWebKit/537.78.2 (KHTML, like Gecko) Version/7.0.6 Safari/537.78.2`,
  `${windows} 6.1; WOW64; rv:31.0) Gecko/20100101 Firefox/31.0`,
  `${linux} ${webKit} Ubuntu Chromium/34.0.1847.116 Chrome/34.0.1847.116 Safari/537.36`,
  `${mac} 10_9_5) ${webKit} Chrome/37.0.2062.120 Safari/537.36`,
  `${windows} 6.3; WOW64) ${webKit} Chrome/37.0.2062.124 Safari/537.36`,
  `${mac} 10.9; rv:32.0) Gecko/20100101 Firefox/32.0`,
  `${linux} ${webKit} Chrome/35.0.1916.153 Safari/537.36`,
  `Mozilla/5.0 (iPhone; CPU iPhone OS 7_1_2 like Mac OS X) ${webKit} Version/7.0 Mobile/11D257 Safari/9537.53`,
  `${windows} 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko`,
]
