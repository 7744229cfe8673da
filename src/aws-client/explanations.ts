/** An error of AWS in words, and its fix. */
interface Explanation {
  /** Names of errors, as the SDK gives them. */
  readonly names: readonly string[]
  /** For errors that their name alone does not identify. */
  readonly pattern?: RegExp
  /** `{said}` stands for what AWS says. */
  readonly message: string
  readonly hint: string
}

/** Errors of AWS that a person can do something about. The first that matches is used. */
export const explanations: readonly Explanation[] = [
  {
    names: ['InsufficientClusterCapacityFault', 'InsufficientClusterCapacity', 'InsufficientCapacityException'],
    message: 'AWS has no free capacity of this kind in this region at the moment.',
    hint: 'Try again later, or choose another DWH_NODE_TYPE, fewer nodes or another REGION.',
  },
  {
    names: [
      ...['ClusterQuotaExceededFault', 'NumberOfNodesQuotaExceededFault', 'NumberOfNodesPerClusterLimitExceededFault'],
    ],
    message: 'The account may not have so many clusters or nodes: {said}',
    hint: 'Ask for fewer nodes, remove a cluster that is not needed, or raise the quota of Amazon Redshift in Service Quotas.',
  },
  {
    names: [
      ...['ServiceQuotaExceededException', 'LimitExceededException', 'TooManyBuckets'],
      ...['ClusterSubnetGroupQuotaExceededFault', 'TagLimitExceededFault'],
      ...['ClusterSnapshotQuotaExceededFault', 'InsufficientS3BucketPolicyFault'],
    ],
    message: 'A quota of the account is used up: {said}',
    hint: 'Remove what is not needed, or raise the quota in Service Quotas.',
  },
  {
    names: ['BucketAlreadyExists'],
    message: "The name of the control bucket is taken by somebody else's account.",
    hint: 'Choose another DWH_CLUSTER_IDENTIFIER: the name of the bucket contains it.',
  },
  {
    names: ['ClusterSnapshotAlreadyExistsFault'],
    message: 'A snapshot of this name exists.',
    hint: 'Give --final-snapshot another name.',
  },
  {
    names: ['ConflictException'],
    pattern: /snapshot/i,
    message: "The final snapshot can't be taken: {said}",
    hint: 'Give --final-snapshot another name.',
  },
  {
    names: [
      ...['InvalidVPCNetworkStateFault', 'InvalidSubnet', 'InvalidSubnetID.NotFound', 'InvalidVpcID.NotFound'],
      ...['ClusterSubnetGroupNotFoundFault', 'VPCIdNotSpecified'],
    ],
    message: 'The network does not fit: {said}',
    hint: 'Set VPC_ID and SUBNET_IDS in [NETWORK] to a VPC and its subnets, or create a default VPC (aws ec2 create-default-vpc).',
  },
  {
    names: ['ValidationException'],
    pattern: /free IP addresses|subnet/i,
    message: 'The network does not fit: {said}',
    hint: 'Set VPC_ID and SUBNET_IDS in [NETWORK] to a VPC and three of its subnets in three zones, with free addresses.',
  },
  {
    names: ['InvalidParameterValue'],
    pattern: /Invalid node type/i,
    message: 'This region does not offer that node type: {said}',
    hint: 'Choose another DWH_NODE_TYPE, such as ra3.large or rg.large, or another REGION.',
  },
  {
    names: ['UnsupportedOperationFault', 'UnsupportedOperation'],
    message: "AWS can't do that with this cluster: {said}",
    hint: 'A cluster without automated snapshots is not paused: set a retention of at least one day, or remove it with destroy-infrastructure --final-snapshot NAME.',
  },
  {
    names: [
      ...[
        'InvalidClusterStateFault',
        'InvalidClusterState',
        'ConflictException',
        'InvalidClusterSubnetGroupStateFault',
      ],
    ],
    message: 'AWS is still busy with the warehouse: {said}',
    hint: 'Wait some minutes and run the command again: it continues where it stopped.',
  },
  {
    names: ['UnmodifiableEntityException', 'DeleteConflictException', 'ConcurrentModificationException'],
    message: "IAM can't change the role now: {said}",
    hint: 'Run the command again. If it still fails, look at the role in the IAM console.',
  },
]
