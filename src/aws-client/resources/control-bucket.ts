import { tlsOnlyPolicy } from '../policies.ts'
import { bucketPrice } from '../prices.ts'
import type { AwsContext, Resource } from '../resource.ts'
import { createBucket, deleteBucket, findBucketTags, isEmpty, secureBucket } from '../s3.ts'
import { ownership, tagList, tagsFor } from '../settings.ts'

/**
 * The bucket for manifests and jsonpaths.
 *
 * S3 servers that ignore tags at creation leave it without tags. So an empty, untagged bucket of this account with the name that only we
 * derive is ours: its creation was interrupted.
 */
export function controlBucket({ clients, names, settings, account }: AwsContext): Resource {
  const name = names.bucket
  const bucket = { Bucket: name, ExpectedBucketOwner: account.id }
  const tags = tagsFor(settings)
  return {
    kind: 'control bucket',
    name,
    purpose: 'has the manifests and jsonpaths that COPY reads; they expire',
    price: bucketPrice,
    async find() {
      const s3 = await clients.s3()
      const found = await findBucketTags(s3, bucket)
      if (found === undefined) return undefined
      const { isOurs: isTagged, owner } = ownership(found, settings)
      if (!isTagged && (Object.keys(found).length > 0 || !(await isEmpty(s3, bucket))))
        return { id: name, isOurs: false, owner, differences: [] }
      const fix = async () => void (await s3.putBucketTagging({ ...bucket, Tagging: { TagSet: tagList(tags) } }))
      const setTag = { what: 'lacks its tag', fix }
      return { id: name, isOurs: true, differences: isTagged ? [] : [setTag] }
    },
    async create() {
      await createBucket(await clients.s3(), name, tags)
    },
    async put() {
      await secureBucket(await clients.s3(), bucket, tlsOnlyPolicy(account.partition, name))
    },
    async destroy() {
      await deleteBucket(await clients.s3(), bucket)
    },
  }
}
