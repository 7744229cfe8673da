/** Where listeners live: metropolitan areas, the large ones first. */
export const metropolitanAreas = `
  New Harbour-Ironbridge-Eastmere, NY-NJ
  Port Alder-Ferncliff-Long Meadow, CA
  Lakehurst-Old Quarry-Benton Mills, IL-IN
  Bayou Clair-The Pinewoods, TX
  Cedar Gate-Marlow Springs, GA
  Quakers Ferry-Camlin, PA-NJ-DE
  San Aurelio-Cañon Verde, CA
  Red Mesa-Sun Terrace-Palo Alto Viejo, AZ
  Fort Linden-Capitol Hill, VA-DC-MD
  Graywater-Sound Point, WA
  St. Brendan's Bay-Clearhaven, FL
  Motor Town-Dunmore, MI
  Twin Rivers-St. Osric, MN-WI
  Misión San Telmo, TX
  Stonebridge--Rosehill--Arden Park, CA
  Milltown-Upper Falls, MA-NH
  Blue Ash-Kettering Heights, OH-KY
  Crescent Levee-Port Évangeline, LA
  Music Row-Davies Creek, TN
  Highplain-Aurora Flats, CO
  Salt Basin-West Ogdenville, UT
  Coeur d'Ébène, ID
  Rimrock, MT
  Two Forks-Badger Prairie, WI
  O'Fallon Landing, MO
  Tidewater-Newport Shoals, VA-NC
  Palmetto Beach-North Palmetto, SC
  Cypress Hollow, AL
  Owl Creek, KY
  Windmill City, KS
  Sandhill-Platte Bend, NE
  Dos Lagunas, NM
  Lone Juniper, OR
  Kelp Harbor-Fort Brace, CA
  Hollyoak, ME
  Maple Notch, VT
  Gull Rock, RI
  Ember Lake, MI
  Hāna Makai, HI
  Spruce Inlet, AK
`
  .trim()
  .split(/\n\s*/)

/** Where artists come from, in the free text of the catalog: name, latitude, longitude. */
export const homeTowns: readonly (readonly [string, number, number])[] = [
  ['Port Alder, CA', 34.17233, -119.22218],
  ['Port Alder, California, United States', 34.17233, -119.22218],
  ['New Harbour, NY', 40.68894, -73.91046],
  ['New Harbour City', 40.68894, -73.91046],
  ['Lakehurst, IL', 41.9051, -87.81145],
  ['Motor Town, MI', 42.30881, -83.11207],
  ['Cedar Gate, GA', 33.8014, -84.52912],
  ['BAYOU CLAIR, Texas', 29.88125, -95.20763],
  ['Graywater, WA', 47.51109, -122.40582],
  ['Music Row, Tennessee', 36.20718, -86.69933],
  ['St. Osric, Minnesota', 44.90172, -93.20451],
  ["St. Brendan's Bay, FL", 27.80443, -82.71026],
  ['Crescent Levee, LA', 30.02815, -90.11893],
  ["O'Fallon Landing, MO", 38.70236, -90.31877],
  ['Wexcombe, England', 51.31904, -1.60275],
  ['Thornaby Cross, Yorkshire, England', 54.0127, -1.48306],
  ['Aldermoor, London, England', 51.47218, -0.05592],
  ['Inverallan, Scotland', 57.32041, -3.62115],
  ['Llanfair-y-Bryn, Wales', 52.08817, -3.79406],
  ['Baile an Locha, Ireland', 53.26109, -9.11382],
  ['Saint-Élan, France', 48.39521, -2.91477],
  ['Montclair-sur-Oise', 49.1802, 2.40116],
  ['Grünhafen, Germany', 53.60512, 8.80437],
  ['Obertal / Unterbach', 47.88206, 11.70519],
  ['Łąkowice, Poland', 51.10774, 19.39028],
  ['Hradiště pod Lesem', 49.59033, 17.2518],
  ['Kisvár, HUNGARY', 47.19466, 19.80213],
  ['Malmvik, Sweden', 56.1033, 13.02941],
  ['Sørvåg, Norway', 61.90827, 5.11746],
  ['Hrafnavík', 65.60912, -18.21037],
  ['Koivuranta, Finland', 62.48815, 25.10936],
  ['Villa Áurea, Minas', -19.50218, -43.90184],
  ['São Bento do Mar, Brazil', -12.80136, -38.40719],
  ['Puerto Ñandú, Argentina', -34.70293, -58.11045],
  ['Ciudad Jacaranda, México', 19.29118, -99.32064],
  ['Dos Lagunas, New Mexico', 34.90415, -106.2018],
  ['Orange Grove, Kingston Parish', 18.06921, -76.89017],
  ['Bamaléko, Mali', 12.30184, -8.19226],
  ['Port Baobab, Senegal', 14.50937, -17.2215],
  ['Jacarandaville, South Africa', -26.40118, 27.80342],
  ['Wattle Creek, Victoria, Australia', -37.50219, 144.70881],
  ['Aotea Landing, New Zealand', -36.70445, 174.5913],
  ['Kazehama, Japan', 35.40127, 139.80519],
  ['月見町, Japan', 34.80936, 135.60248],
  ['Maple Notch, Ontario, Canada', 44.20915, -79.51183],
  ['Rivière-aux-Érables, Québec', 46.70128, -71.60937],
]

/** Places that nobody could put on a map. */
export const vaguePlaces = [
  'Scotland',
  'NORWAY',
  'The Bronx / Mars',
  '"The Valley"',
  'Somewhere, Earth',
  'Old Country / Elsewhere',
  '4077',
]
