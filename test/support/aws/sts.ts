import { unsignedError } from './credentials.ts'
import { queryService } from './protocols.ts'

/** STS: who am I. */
export const sts = queryService('sts', 'https://sts.amazonaws.com/doc/2011-06-15/', {
  // Works for every valid key: AWS asks for no permission here, not even where a policy denies it.
  GetCallerIdentity(_params, { state, caller }) {
    if (caller === undefined) throw unsignedError('sts')
    return { UserId: caller.userId, Account: state.settings.account, Arn: caller.arn }
  },
})
