const personKeys = ['firstName', 'gender', 'lastName', 'location', 'registration', 'userAgent', 'userId'] as const

export interface LogEvent {
  readonly itemInSession: number
  readonly level: 'free' | 'paid'
  /** Who is behind it. All are JSON already, because each is in many lines. */
  readonly person: Readonly<Record<(typeof personKeys)[number], string>>
  readonly sessionId: number
  /** What is played. Texts are JSON already. */
  readonly track: Readonly<{ artist: string; length: number | null; song: string }>
  readonly ts: number
  readonly view: Readonly<{ auth: string; method: string; page: string; status: number }>
}

/** What events have of a visitor who is logged out. */
export const nobody = Object.fromEntries(
  personKeys.map((key) => [key, key === 'userId' ? '""' : 'null']),
) as LogEvent['person']

/** An event as the app writes it. All lines of log files come from here. */
export function eventLine({ itemInSession, level, person, sessionId, track, ts, view }: LogEvent): string {
  return [
    `{"artist":${track.artist}`,
    `"auth":"${view.auth}"`,
    `"firstName":${person.firstName}`,
    `"gender":${person.gender}`,
    `"itemInSession":${itemInSession}`,
    `"lastName":${person.lastName}`,
    `"length":${track.length}`,
    `"level":"${level}"`,
    `"location":${person.location}`,
    `"method":"${view.method}"`,
    `"page":"${view.page}"`,
    `"registration":${person.registration}`,
    `"sessionId":${sessionId}`,
    `"song":${track.song}`,
    `"status":${view.status}`,
    `"ts":${ts}`,
    `"userAgent":${person.userAgent}`,
    `"userId":${person.userId}}`,
  ].join(',')
}
