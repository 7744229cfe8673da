const list = (text: string) => text.trim().split(/\s*[|\n]\s*/)

export const firstNames = {
  F: list(`
    Ada | Agnes | Aïcha | Alma | Amara | Anaïs | Anneke | Asha | Åsa | Beatrix | Bronwyn | Camille | Carmen | Célia | Chioma
    Clémence | Cora | D'Arcy | Dagny | Delphine | Dolores | Edith | Eilidh | Élodie | Esme | Fatima | Fenna | Freya | Greta
    Hana | Hedda | Ilse | Imogen | Inés | Ingrid | Isolde | Jaya | Joëlle | Juno | Katja | Keziah | Lucía | Maeve | Mairéad
    Marisol | Margaret "Mim" | Mei | Nadia | Nell | Noor | Odette | Paloma | Priya | Quinn | Renée | Rosa | Saoirse | Shu-Fen
    Sigrún | Sinéad | Solveig | Tamsin | Thandi | Tove | Ursula | Vera | Wanjiru | Wilma | Xóchitl | Yuki | Zahra | Zoë
  `),
  M: list(`
    Abel | Adebayo | Aksel | Alistair | Amir | André | Anton | Basil | Björgvin | Bram | Caspar | Cillian | Conrad | Cosmo
    D'Angelo | Dario | Desmond | Diego | Eamon | Edvard | Elias | Emeka | Fergus | Florian | François | Gideon | Giles | Håkon
    Hamish | Hiroshi | Hugo | Idris | Ignacio | Ivo | James "Jem" | Jonas | José | Jürgen | Kaspar | Kofi | Lars | Leif
    Lorcan | Łukasz | Magnus | Marek | Matthijs | Nikos | Niall | Obi | Olu | Oskar | Ossian | Pádraig | Pavel | Quentin | Rafael
    Raúl | Rohan | Ruben | Søren | Silas | Stellan | Tadhg | Teodor | Tomás | Uwe | Viktor | Wei | Yannick | Yusuf | Zoltán
  `),
}

export const lastNames = list(`
  Abara | Ackroyd | Adeyemi | Ågren | Albrecht | Almeida | Andrássy | Araújo | Ashdown | Baptiste | Barrow | Beaumont
  Bergström | Bhatt | Blackwood | Boateng | Brennan | Bühler | Calloway | Castellanos | Chandra | Chevalier | Cobb | Cortés
  D'Souza | Dahl | Darrow | De la Cruz | Dimitrov | Dubois | Dvořák | Eberhart | Ekström | El-Amin | Espinoza | Fairchild
  Falk | Farrow | Fenwick | Ferreira | Fontaine | Fujimoto | Galván | Gauthier | Goldwater | Grünwald | Guðmundsson | Haddad
  Halloran | Hartwell | Hawthorne | Herrera | Holt | Ibarra | Idowu | Ito | Jankowski | Jørgensen | Kaczmarek | Kapoor
  Kekoa | Kimura | Kovačević | Krüger | Laforêt | Langley | Larkin | Lefèvre | Lindqvist | Lockhart | MacAuley | Marchetti
  Mbeki | McTavish | Mercer | Mills-Ray | Molnár | Moreau | Muñoz | N'Diaye | Nakata | Núñez | O'Brannigan | O'Dell | Okafor
  Olafsen | Ortega | Oyelaran | Pangloss | Papadakis | Pellerin | Petrov | Pfeiffer | Popescu | Prideaux | Quigley | Quiñones
  Rasmussen | Ravenscroft | Reyes | Rossi | Ruiz-Vega | Sandoval | Schönfeld | Șerban | Silva | Sjöberg | St. John | Strand
  Szabó | Takeda | Thackeray | Tran | Tremblay | Underhill | Ueda | Van der Berg | Vasquez | Villanueva | Voss | Wainwright
  Wexler | Whitlock | Winters | Wójcik | Yamashita | Yilmaz | Zamora | Żeleński | Zhang | Zoric
`)
