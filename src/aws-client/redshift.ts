import {
  CreateClusterCommand,
  CreateClusterSubnetGroupCommand,
  CreateScheduledActionCommand,
  DeleteClusterCommand,
  DeleteClusterSubnetGroupCommand,
  DeleteScheduledActionCommand,
  DescribeClusterSubnetGroupsCommand,
  DescribeClustersCommand,
  DescribeScheduledActionsCommand,
  ModifyClusterCommand,
  ModifyClusterIamRolesCommand,
  ModifyScheduledActionCommand,
  PauseClusterCommand,
  paginateDescribeClusterSnapshots,
  paginateDescribeOrderableClusterOptions,
  type RedshiftClient,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift'
import { clusterOf, remainingDays, type Snapshot } from './redshift-shapes.ts'
import { collect, undefinedIfNotFound } from './sdk-middleware.ts'
import { type InfrastructureSettings, type Tags, tagList, tagsFor, tagsOf } from './settings.ts'

export { RedshiftClient as Client } from '@aws-sdk/client-redshift'

const missingCluster = ['ClusterNotFoundFault', 'ClusterNotFound']
const missingSubnetGroup = ['ClusterSubnetGroupNotFoundFault', 'ClusterSubnetGroupNotFound']
const missingAction = ['ScheduledActionNotFoundFault', 'ScheduledActionNotFound']

/** Redshift: clusters and what belongs to them. */
export function verbs(client: RedshiftClient) {
  return {
    findCluster(identifier: string) {
      return undefinedIfNotFound(missingCluster, async () => {
        const { Clusters } = await client.send(new DescribeClustersCommand({ ClusterIdentifier: identifier }))
        return Clusters?.[0] && clusterOf(Clusters[0])
      })
    },
    /** Cluster types (`single-node`, `multi-node`) in which a node type can be ordered in this region. */
    async findOrderableTypes(nodeType?: string): Promise<{ nodeType: string; clusterType: string }[]> {
      const input = nodeType === undefined ? {} : { NodeType: nodeType }
      const pages = paginateDescribeOrderableClusterOptions({ client }, input)
      const options = await collect(pages, ({ OrderableClusterOptions }) => OrderableClusterOptions)
      return options.map(({ NodeType = '', ClusterType = '' }) => ({ nodeType: NodeType, clusterType: ClusterType }))
    },
    /** `subnetGroup` undefined: the group `default`, which Redshift creates for the default VPC. */
    async createCluster(
      settings: InfrastructureSettings,
      { roleArn, subnetGroup }: { roleArn: string; subnetGroup: string | undefined },
    ): Promise<void> {
      const { cluster: shape } = settings
      await client.send(
        new CreateClusterCommand({
          ClusterIdentifier: settings.identifier,
          ClusterType: shape.type,
          ...(shape.type === 'multi-node' && { NumberOfNodes: shape.nodes }),
          NodeType: shape.nodeType,
          DBName: settings.database,
          MasterUsername: settings.user,
          ManageMasterPassword: true,
          Port: settings.port,
          Encrypted: true,
          // Statements come by the Data API, so nobody needs to reach it: the VPC's default security group stays as it is.
          PubliclyAccessible: false,
          // COPY goes to S3 over the internet: with enhanced routing it would need an endpoint in the VPC.
          EnhancedVpcRouting: false,
          ...(subnetGroup !== undefined && { ClusterSubnetGroupName: subnetGroup }),
          IamRoles: [roleArn],
          DefaultIamRoleArn: roleArn,
          AutomatedSnapshotRetentionPeriod: 1,
          // Snapshots that somebody takes by hand end too: kept for ever, they are billed for ever.
          ManualSnapshotRetentionPeriod: 7,
          Tags: tagList(tagsFor(settings)),
        }),
      )
    },
    async addRole(identifier: string, roleArn: string): Promise<void> {
      await client.send(
        new ModifyClusterIamRolesCommand({
          ClusterIdentifier: identifier,
          AddIamRoles: [roleArn],
          DefaultIamRoleArn: roleArn,
        }),
      )
    },
    async makePrivate(identifier: string): Promise<void> {
      await client.send(new ModifyClusterCommand({ ClusterIdentifier: identifier, PubliclyAccessible: false }))
    },
    async pauseCluster(identifier: string): Promise<void> {
      await client.send(new PauseClusterCommand({ ClusterIdentifier: identifier }))
    },
    async resumeCluster(identifier: string): Promise<void> {
      await client.send(new ResumeClusterCommand({ ClusterIdentifier: identifier }))
    },
    async deleteCluster(identifier: string, finalSnapshot?: { name: string; retentionDays: number }): Promise<void> {
      await undefinedIfNotFound(missingCluster, () =>
        client.send(
          new DeleteClusterCommand({
            ClusterIdentifier: identifier,
            SkipFinalClusterSnapshot: finalSnapshot === undefined,
            ...(finalSnapshot !== undefined && {
              FinalClusterSnapshotIdentifier: finalSnapshot.name,
              FinalClusterSnapshotRetentionPeriod: finalSnapshot.retentionDays,
            }),
          }),
        ),
      )
    },
    /** Manual snapshots of a cluster, which stay when it goes. The automated ones go with it. */
    async findSnapshots(identifier: string): Promise<Snapshot[]> {
      const pages = paginateDescribeClusterSnapshots(
        { client },
        { ClusterIdentifier: identifier, SnapshotType: 'manual' },
      )
      const found = await undefinedIfNotFound(missingCluster, () => collect(pages, ({ Snapshots }) => Snapshots))
      return (found ?? []).map((snapshot) => ({
        name: snapshot.SnapshotIdentifier ?? '',
        remainingDays: remainingDays(snapshot.ManualSnapshotRetentionPeriod, snapshot.ManualSnapshotRemainingDays),
      }))
    },
    findSubnetGroup(name: string) {
      return undefinedIfNotFound(missingSubnetGroup, async () => {
        const answer = await client.send(new DescribeClusterSubnetGroupsCommand({ ClusterSubnetGroupName: name }))
        const [group] = answer.ClusterSubnetGroups ?? []
        return (
          group && {
            vpcId: group.VpcId ?? '',
            subnetIds: (group.Subnets ?? []).flatMap(({ SubnetIdentifier }) => SubnetIdentifier ?? []),
            tags: tagsOf(group.Tags),
          }
        )
      })
    },
    async createSubnetGroup(options: {
      name: string
      description: string
      subnetIds: readonly string[]
      tags: Tags
    }): Promise<void> {
      await client.send(
        new CreateClusterSubnetGroupCommand({
          ClusterSubnetGroupName: options.name,
          Description: options.description,
          SubnetIds: [...options.subnetIds],
          Tags: tagList(options.tags),
        }),
      )
    },
    async deleteSubnetGroup(name: string): Promise<void> {
      await undefinedIfNotFound(missingSubnetGroup, () =>
        client.send(new DeleteClusterSubnetGroupCommand({ ClusterSubnetGroupName: name })),
      )
    },
    /** When and by whose role the scheduler pauses which cluster. */
    findPause(name: string) {
      return undefinedIfNotFound(missingAction, async () => {
        const answer = await client.send(new DescribeScheduledActionsCommand({ ScheduledActionName: name }))
        const [action] = answer.ScheduledActions ?? []
        const at = /^at\((.*)\)$/.exec(action?.Schedule ?? '')?.[1]
        return (
          action && {
            at: at === undefined ? undefined : new Date(`${at}Z`),
            cluster: action.TargetAction?.PauseCluster?.ClusterIdentifier,
            roleArn: action.IamRole ?? '',
            active: action.State === 'ACTIVE',
          }
        )
      })
    },
    async createPause(options: {
      name: string
      description: string
      cluster: string
      roleArn: string
      at: Date
    }): Promise<void> {
      await client.send(
        new CreateScheduledActionCommand({
          ScheduledActionName: options.name,
          ScheduledActionDescription: options.description,
          TargetAction: { PauseCluster: { ClusterIdentifier: options.cluster } },
          IamRole: options.roleArn,
          Schedule: scheduleAt(options.at),
          Enable: true,
        }),
      )
    },
    async movePause(name: string, at: Date): Promise<void> {
      await client.send(
        new ModifyScheduledActionCommand({ ScheduledActionName: name, Schedule: scheduleAt(at), Enable: true }),
      )
    },
    async deletePause(name: string): Promise<void> {
      await undefinedIfNotFound(missingAction, () =>
        client.send(new DeleteScheduledActionCommand({ ScheduledActionName: name })),
      )
    },
  }
}

/** `at(…)` means UTC, to the second. */
function scheduleAt(at: Date): string {
  return `at(${at.toISOString().slice(0, 19)})`
}
