/** Names of errors, as the SDK gives them; message and hint, with `{said}` for what AWS says; what AWS says, if the name alone is not enough. */
type Explanation = readonly [names: readonly string[], message: string, hint: string, said?: RegExp]

/** Errors of AWS that a person can do something about. The first that matches is used. */
const explanations: readonly Explanation[] = [
  [
    ['InsufficientClusterCapacityFault', 'InsufficientClusterCapacity', 'InsufficientCapacityException'],
    'AWS has no free capacity of this kind in this region at the moment.',
    'Try again later, or choose another DWH_NODE_TYPE, fewer nodes or another REGION.',
  ],
  [
    ['ClusterQuotaExceededFault', 'NumberOfNodesQuotaExceededFault', 'NumberOfNodesPerClusterLimitExceededFault'],
    'The account may not have so many clusters or nodes: {said}',
    'Ask for fewer nodes, remove a cluster that is not needed, or raise the quota of Amazon Redshift in Service Quotas.',
  ],
  [
    [
      ...['ServiceQuotaExceededException', 'LimitExceededException', 'TooManyBuckets', 'TagLimitExceededFault'],
      ...['ClusterSubnetGroupQuotaExceededFault', 'ClusterSnapshotQuotaExceededFault'],
    ],
    'A quota of the account is used up: {said}',
    'Remove what is not needed, or raise the quota in Service Quotas.',
  ],
  [
    ['BucketAlreadyExists'],
    "The name of the control bucket is taken by somebody else's account.",
    'Choose another DWH_CLUSTER_IDENTIFIER: the name of the bucket contains it.',
  ],
  [
    ['ClusterSnapshotAlreadyExistsFault', 'ConflictException'],
    "The final snapshot can't be taken: {said}",
    'Give --final-snapshot another name.',
    /snapshot/i,
  ],
  [
    [
      ...['InvalidVPCNetworkStateFault', 'InvalidSubnet', 'InvalidSubnetID.NotFound', 'InvalidVpcID.NotFound'],
      ...['ClusterSubnetGroupNotFoundFault', 'VPCIdNotSpecified'],
    ],
    'The network does not fit: {said}',
    'Set VPC_ID and SUBNET_IDS in [NETWORK] to a VPC and its subnets, or create a default VPC (aws ec2 create-default-vpc).',
  ],
  [
    ['ValidationException'],
    'The network does not fit: {said}',
    'Set VPC_ID and SUBNET_IDS in [NETWORK] to a VPC and three of its subnets in three zones, with free addresses.',
    /free IP addresses|subnet/i,
  ],
  [
    ['InvalidParameterValue'],
    'This region does not offer that node type: {said}',
    'Choose another DWH_NODE_TYPE, such as ra3.large or rg.large, or another REGION.',
    /Invalid node type/i,
  ],
  [
    ['UnsupportedOperationFault', 'UnsupportedOperation'],
    "AWS can't do that with this cluster: {said}",
    'A cluster without automated snapshots is not paused: set a retention of at least one day, or remove it with destroy-infrastructure --final-snapshot NAME.',
  ],
  [
    [
      ...['InvalidClusterStateFault', 'InvalidClusterState', 'ConflictException'],
      'InvalidClusterSubnetGroupStateFault',
    ],
    'AWS is still busy with the warehouse: {said}',
    'Wait some minutes and run the command again: it continues where it stopped.',
  ],
  [
    ['UnmodifiableEntityException', 'DeleteConflictException', 'ConcurrentModificationException'],
    "IAM can't change the role now: {said}",
    'Run the command again. If it still fails, look at the role in the IAM console.',
  ],
]

/** What is known about an error of AWS: a message with what it says, and a hint. */
export function explanationOf(
  { name, message }: Error,
  said: string,
): readonly [message: string, hint: string] | undefined {
  const known = explanations.find(
    ([names, , , pattern]) => names.includes(name) && (pattern?.test(`${name} ${message}`) ?? true),
  )
  return known && [known[1].replace('{said}', () => said), known[2]]
}
