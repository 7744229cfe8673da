const list = (text: string) => text.trim().split(/\s*[|\n]\s*/)

export const adjectives = list(`
  Amber | Ancient | Astral | Bitter | Black | Blind | Blue | Borrowed | Brass | Brave | Broken | Burning | Careless | Chemical
  Cold | Copper | Crimson | Crooked | Dancing | Distant | Double | Drowsy | Dusty | Early | Electric | Empty | Endless | Evil
  Faded | Falling | Familiar | Fearless | Feral | Final | Floating | Forgotten | Foolin' | Fragile | Frozen | Ghostly | Gilded | Glass
  Gold | Gentle | Grand | Green | Half-Wild | Haunted | Heavy | Hidden | Hollow | Honest | Hungry | Idle | Invisible | Iron
  Ivory | Jealous | Last | Lazy | Little | Lonely | Long | Loud | Lucky | Lunar | Magnetic | Marble | Midnight | Modern | Moonlit
  Neon | Nervous | New | Northern | Old | Open | Orphan | Paper | Patient | Perfect | Plastic | Polite | Quiet | Radio | Rainy
  Reckless | Red | Restless | Rollin' | Royal | Rusty | Sacred | Second | Secret | Seven | Shallow | Silent | Silver | Simple
  Sleeping | Slow | Small | Solar | Southern | Static | Steady | Strange | Sudden | Sugar | Summer | Sunken | Sweet | Tender
  Thirteen | Tin | Tired | Twisted | Ugly | Uneven | Velvet | Violet | Wandering | Warm | Western | White | Wicked | Wild
  Winter | Wooden | Yellow | Young
`)

export const nouns = list(`
  Alibi | Almanac | Anchor | Angel | Answer | Antenna | Architect | Arrow | Atlas | Avenue | Balloon | Bandit | Bell | Bicycle
  Bird | Boulevard | Bridge | Cabaret | Cannon | Carousel | Castle | Cathedral | Chandelier | Chapel | Circus | City | Clock
  Cloud | Comet | Compass | Confession | Coyote | Crow | Dagger | Daughter | Desert | Diamond | Doctor | Dog | Door | Dream
  Driver | Echo | Elevator | Ember | Empire | Engine | Evening | Exile | Factory | Father | Feather | Fever | Fiddle | Field
  Fire | Flood | Flower | Fox | Garden | Ghost | Giant | Girl | Guitar | Hammer | Harbor | Heart | Highway | Holiday | Horizon
  Horse | Hotel | Hour | House | Hunter | Hurricane | Island | Jukebox | Kingdom | Kite | Ladder | Lamp | Lantern | Letter
  Lighthouse | Lion | Lullaby | Machine | Magpie | Map | Meadow | Memory | Mirror | Mistake | Mockingbird | Monday | Monument
  Moon | Morning | Motor | Mountain | Needle | Neighbor | Night | Ocean | Operator | Orchard | Orchestra | Owl | Parade | Passenger
  Pendulum | Phantom | Photograph | Pilot | Pioneer | Pirate | Planet | Postcard | Promise | Prophet | Queen | Question
  Railroad | Rain | Raven | Ribbon | River | Road | Robot | Rocket | Rooftop | Rose | Sailor | Satellite | Season | Shadow
  Signal | Sister | Skeleton | Sky | Snow | Soldier | Song | Sparrow | Spider | Stairway | Star | Station | Stone | Storm
  Stranger | Street | Summer | Sunday | Swimmer | Tambourine | Telephone | Thief | Thunder | Tiger | Tower | Town | Traffic
  Train | Traveler | Treasure | Trumpet | Tunnel | Umbrella | Valley | Vampire | Violin | Voice | Volcano | Waltz | Watchmaker
  Water | Whale | Whisper | Widow | Window | Wolf | Wonder | Year | Zebra
`)

export const phrases = list(`
  Don't Wait Up | I Can't Find My Way | You'll Never Know | Ain't Nobody Here | Let's Go Back | It's Only Tuesday | Where'd You Go
  We Were Never Young | Hold On | Say It Again | Tell Me Something | Anything At All | Leave The Light On | I'd Rather Be | Whatever
  Who's Driving | Nothing Left To Lose | One More Time | Never Mind The Weather | Call Me When You're Home | Love Is A Word | Stay
`)

/** Titles in other tongues; the logs double-encode them, the catalog has them right. */
export const foreignTitles = list(`
  Canção do Farol | Ninguém Sabe | A Última Maré | Corazón de Papel | El Niño y la Niebla | Mañana Sin Ti | Ningún Lugar | Después
  Où est la lune | L'été prochain | Ça ira mieux | Garçon manqué | Forêt d'hiver | Naïveté | Über den Dächern | Größenwahn
  Schöne neue Stadt | Für Hélène | Müde Vögel | Sehnsucht Nr. 3 | Förlåt mig | Höstlöv | På andra sidan ån | Blåbærskogen
  Drømmen om Øst | Þoka | Ljósið | Yö ei pääty | Sä ja mä | Noc świętojańska | Żółty parasol | Příběh o dešti | Můj dům
  Elszállt a nyár | Őszi dal | Üzenet | Gözlerin | Şehir Işıkları | Ночной поезд | Зимняя дорога | Τα κύματα | Καλοκαίρι
  夜の図書館 | 雨と電車 | 月光奏鸣曲外传 | 서울의 밤 | שיר לילה | ليل طويل | Bésame Otra Vez | Piñata | Señor Nadie | Tú y Yo
`)

/** Artists that no pattern would make. */
export const oddArtists = list(`
  Café Sin Nombre | Les Naïfs | Mötorhüd | Blåvinge | Sigur Óskarsson | Señor Loop | Los Ñoños | Orquesta Típica del Mañana
  Quatuor Élan | Trio Göteborg | Die Ärmelkanäle | Jiří Hůlka | Dětský Sbor Říp | Żuraw | Őszi Zenekar | Ünlü Kardeşler
  Björn & Fjörd | Zoë Quartet | Ella Renée | Tiësta | Ólafía | Émile Noir | Ibrahim Touré Sidi | Ana Conceição | João do Farol
  Группа Рассвет | Τρίο Θάλασσα | 月見バンド | 夜行列車 | 심야버스 | 404 | 2600 | 1848 | 73 | 5150 Club | "Weird" Alma Voss | N'Kosi Sound
  AC\\CD | !Hurrah! | +Plus Minus- | Mr. & Mrs. Metronome | T.H.E. Band | Café Müller / Orchestre de l'Été | Ñ
`)

/** What releases add to a title. */
export const editions = [
  '(Album Version)',
  '(Album Version)',
  '(Album Version)',
  '(LP Version)',
  '(LP Version)',
  '(Live)',
  '(Live At The Lantern Room)',
  '(Acoustic)',
  '(1999 Digital Remaster)',
  '(2006 Digital Remaster)',
  '(Explicit)',
  '(Medley)',
  '(Remix)',
  '[Demo]',
]
