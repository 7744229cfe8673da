const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X'
const windows = 'Mozilla/5.0 (Windows NT'
const linux = 'Mozilla/5.0 (X11; Linux x86_64'
const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS'
const webKit = (version: string) => `AppleWebKit/${version} (KHTML, like Gecko)`
const chrome = (version: string) => `${webKit('537.36')} Chrome/${version} Safari/537.36`
const chromium = (version: string) => `${webKit('537.36')} Ubuntu Chromium/${version} Chrome/${version} Safari/537.36`
const safari = (version: string, build: string) => `${webKit(build)} Version/${version} Safari/${build}`
const mobileSafari = (version: string, device: string, build: string, safariBuild: string) =>
  `${webKit(build)} Version/${version} Mobile/${device} Safari/${safariBuild}`
const firefox = (version: string) => `rv:${version}) Gecko/20100101 Firefox/${version}`

/** Browsers of 2014, with their shares of the plays. */
const shares: Record<string, number> = {
  [`${mac} 10_9_4) ${chrome('36.0.1985.125')}`]: 92,
  [`${mac} 10_9_4) ${chrome('37.0.2062.120')}`]: 58,
  [`${mac} 10_9_5) ${chrome('37.0.2062.124')}`]: 30,
  [`${mac} 10_8_5) ${chrome('35.0.1916.153')}`]: 16,
  [`${mac} 10_10_0) ${chrome('38.0.2125.104')}`]: 8,
  [`${mac} 10_7_5) ${chrome('34.0.1847.137')}`]: 6,
  [`${mac} 10_9_5) ${safari('7.1', '537.85.10')}`]: 64,
  [`${mac} 10_9_4) ${safari('7.0.5', '537.77.4')}`]: 50,
  [`${mac} 10_9_2) ${safari('7.0.2', '537.74.9')}`]: 24,
  [`${mac} 10_8_5) ${safari('6.1.6', '537.78.2')}`]: 10,
  [`${mac} 10_10) ${safari('8.0', '600.1.25')}`]: 5,
  [`${mac} 10_6_8) ${safari('5.1.10', '534.59.10')}`]: 3,
  [`${mac} 10.9; ${firefox('32.0')}`]: 44,
  [`${mac} 10.9; ${firefox('31.0')}`]: 20,
  [`${mac} 10.8; ${firefox('29.0')}`]: 8,
  [`${mac} 10.6; ${firefox('24.0')}`]: 2,
  [`${windows} 6.1; WOW64) ${chrome('36.0.1985.125')}`]: 70,
  [`${windows} 6.1; WOW64) ${chrome('37.0.2062.120')}`]: 42,
  [`${windows} 6.3; WOW64) ${chrome('37.0.2062.124')}`]: 38,
  [`${windows} 6.3; WOW64) ${chrome('36.0.1985.143')}`]: 20,
  [`${windows} 5.1) ${chrome('35.0.1916.153')}`]: 14,
  [`${windows} 6.2; WOW64) ${chrome('34.0.1847.131')}`]: 8,
  [`${windows} 6.1) ${chrome('33.0.1750.154')}`]: 6,
  [`${windows} 6.1; WOW64; ${firefox('32.0')}`]: 62,
  [`${windows} 6.1; WOW64; ${firefox('31.0')}`]: 40,
  [`${windows} 5.1; ${firefox('30.0')}`]: 26,
  [`${windows} 6.3; WOW64; ${firefox('32.0')}`]: 16,
  [`${windows} 6.2; WOW64; ${firefox('29.0')}`]: 6,
  [`${windows} 6.1; ${firefox('28.0')}`]: 4,
  [`${windows} 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko`]: 3,
  [`${windows} 6.3; Trident/7.0; rv:11.0) like Gecko`]: 1,
  'Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.1; WOW64; Trident/6.0)': 1,
  'Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.0; Trident/5.0)': 1,
  [`${linux}) ${chromium('36.0.1985.125')}`]: 62,
  [`${linux}) ${chromium('34.0.1847.116')}`]: 22,
  [`${linux}) ${chrome('37.0.2062.120')}`]: 60,
  [`${linux}) ${chrome('36.0.1985.143')}`]: 22,
  [`Mozilla/5.0 (X11; Ubuntu; Linux x86_64; ${firefox('32.0')}`]: 3,
  [`${iPhone} 7_1_2 like Mac OS X) ${mobileSafari('7.0', '11D257', '537.51.2', '9537.53')}`]: 24,
  [`${iPhone} 7_0_4 like Mac OS X) ${mobileSafari('7.0', '11B554a', '537.51.1', '9537.53')}`]: 7,
  [`${iPhone} 8_0 like Mac OS X) ${mobileSafari('8.0', '12A365', '600.1.4', '600.1.4')}`]: 4,
}

const allShares = Object.values(shares).reduce((sum, share) => sum + share)

/** The user agents of the sample data, without the quotes that the logs wrap most of them in. */
export const userAgents: readonly string[] = Object.keys(shares)

/**
 * A user agent for each of these listeners, who listen this much: whichever lags most behind its share. Drawing lots would
 * not do, as a few listeners have most of the plays.
 */
export function dealUserAgents(plays: readonly number[]): string[] {
  const hands = Object.entries(shares).map(([userAgent, share]) => ({ userAgent, share: share / allShares, plays: 0 }))
  let dealt = 0
  return plays.map((weight) => {
    dealt += weight
    const lag = (hand: { share: number; plays: number }) => hand.share * dealt - hand.plays
    const next = hands.reduce((most, hand) => (lag(hand) > lag(most) ? hand : most))
    next.plays += weight
    return next.userAgent
  })
}
