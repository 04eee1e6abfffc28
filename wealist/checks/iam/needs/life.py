"""The calls in the life of each type of resource, which the role that applies must be allowed to make.

    aws_subnet → ec2:CreateSubnet, DescribeSubnets, ModifySubnetAttribute, DeleteSubnet

As the provider makes them: https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs
"""

from typing import Final

LIFE: Final = {
    "aws_acm_certificate": "acm RequestCertificate DescribeCertificate DeleteCertificate AddTagsToCertificate "
    "RemoveTagsFromCertificate ListTagsForCertificate",
    "aws_autoscaling_group": "autoscaling CreateAutoScalingGroup DescribeAutoScalingGroups UpdateAutoScalingGroup "
    "DeleteAutoScalingGroup CreateOrUpdateTags DeleteTags AttachLoadBalancerTargetGroups "
    "DetachLoadBalancerTargetGroups StartInstanceRefresh CancelInstanceRefresh",
    "aws_autoscaling_policy": "autoscaling PutScalingPolicy DescribePolicies DeletePolicy",
    "aws_cloudfront_distribution": "cloudfront CreateDistribution GetDistribution UpdateDistribution "
    "DeleteDistribution TagResource UntagResource ListTagsForResource",
    "aws_cloudfront_origin_access_control": "cloudfront CreateOriginAccessControl GetOriginAccessControl "
    "UpdateOriginAccessControl DeleteOriginAccessControl",
    "aws_cloudwatch_log_delivery": "logs CreateDelivery GetDelivery DeleteDelivery",
    "aws_cloudwatch_log_delivery_destination": "logs PutDeliveryDestination GetDeliveryDestination "
    "DeleteDeliveryDestination",
    "aws_cloudwatch_log_delivery_source": "logs PutDeliverySource GetDeliverySource DeleteDeliverySource",
    "aws_cloudwatch_log_group": "logs CreateLogGroup DescribeLogGroups PutRetentionPolicy DeleteLogGroup TagResource "
    "UntagResource ListTagsForResource",
    "aws_codedeploy_app": "codedeploy CreateApplication GetApplication UpdateApplication DeleteApplication TagResource "
    "UntagResource ListTagsForResource",
    "aws_codedeploy_deployment_group": "codedeploy CreateDeploymentGroup GetDeploymentGroup UpdateDeploymentGroup "
    "DeleteDeploymentGroup",
    "aws_db_instance": "rds CreateDBInstance DescribeDBInstances ModifyDBInstance DeleteDBInstance AddTagsToResource "
    "RemoveTagsFromResource ListTagsForResource",
    "aws_db_parameter_group": "rds CreateDBParameterGroup DescribeDBParameterGroups DescribeDBParameters "
    "ModifyDBParameterGroup DeleteDBParameterGroup",
    "aws_db_subnet_group": "rds CreateDBSubnetGroup DescribeDBSubnetGroups ModifyDBSubnetGroup DeleteDBSubnetGroup",
    "aws_ebs_volume": "ec2 CreateVolume DescribeVolumes ModifyVolume CreateSnapshot DescribeSnapshots DeleteVolume "
    "CreateTags",
    "aws_ecr_lifecycle_policy": "ecr PutLifecyclePolicy GetLifecyclePolicy DeleteLifecyclePolicy",
    "aws_ecr_repository": "ecr CreateRepository DescribeRepositories PutImageScanningConfiguration "
    "PutImageTagMutability DeleteRepository TagResource UntagResource ListTagsForResource",
    "aws_eip": "ec2 AllocateAddress DescribeAddresses ReleaseAddress CreateTags",
    "aws_elasticache_replication_group": "elasticache CreateReplicationGroup DescribeReplicationGroups "
    "DescribeCacheClusters ModifyReplicationGroup IncreaseReplicaCount DecreaseReplicaCount DeleteReplicationGroup "
    "AddTagsToResource RemoveTagsFromResource ListTagsForResource",
    "aws_elasticache_subnet_group": "elasticache CreateCacheSubnetGroup DescribeCacheSubnetGroups "
    "ModifyCacheSubnetGroup DeleteCacheSubnetGroup",
    "aws_flow_log": "ec2 CreateFlowLogs DescribeFlowLogs DeleteFlowLogs",
    "aws_internet_gateway": "ec2 CreateInternetGateway AttachInternetGateway DescribeInternetGateways "
    "DetachInternetGateway DeleteInternetGateway",
    "aws_kms_alias": "kms CreateAlias ListAliases UpdateAlias DeleteAlias",
    "aws_kms_key": "kms CreateKey DescribeKey GetKeyPolicy PutKeyPolicy EnableKeyRotation GetKeyRotationStatus "
    "ListResourceTags TagResource UntagResource ScheduleKeyDeletion UpdateKeyDescription",
    "aws_launch_template": "ec2 CreateLaunchTemplate DescribeLaunchTemplates DescribeLaunchTemplateVersions "
    "CreateLaunchTemplateVersion ModifyLaunchTemplate DeleteLaunchTemplate RunInstances",
    "aws_lb": "elasticloadbalancing CreateLoadBalancer DescribeLoadBalancers DescribeLoadBalancerAttributes "
    "ModifyLoadBalancerAttributes SetSecurityGroups SetSubnets DeleteLoadBalancer AddTags RemoveTags DescribeTags",
    "aws_lb_listener": "elasticloadbalancing CreateListener DescribeListeners ModifyListener DeleteListener",
    "aws_lb_listener_rule": "elasticloadbalancing CreateRule DescribeRules ModifyRule SetRulePriorities DeleteRule",
    "aws_lb_target_group": "elasticloadbalancing CreateTargetGroup DescribeTargetGroups "
    "DescribeTargetGroupAttributes ModifyTargetGroupAttributes ModifyTargetGroup DeleteTargetGroup",
    "aws_nat_gateway": "ec2 CreateNatGateway DescribeNatGateways DeleteNatGateway",
    "aws_route": "ec2 CreateRoute ReplaceRoute DeleteRoute DescribeRouteTables",
    "aws_route53_record": "route53 ChangeResourceRecordSets ListResourceRecordSets GetChange GetHostedZone",
    "aws_route53_zone": "route53 CreateHostedZone GetHostedZone UpdateHostedZoneComment ChangeTagsForResource "
    "ListTagsForResource",
    "aws_route_table": "ec2 CreateRouteTable DescribeRouteTables DeleteRouteTable",
    "aws_route_table_association": "ec2 AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation",
    "aws_security_group": "ec2 CreateSecurityGroup DescribeSecurityGroups DeleteSecurityGroup "
    "RevokeSecurityGroupEgress DescribeNetworkInterfaces",
    "aws_ssm_parameter": "ssm PutParameter DescribeParameters DeleteParameter AddTagsToResource ListTagsForResource",
    "aws_subnet": "ec2 CreateSubnet DescribeSubnets ModifySubnetAttribute DeleteSubnet",
    "aws_vpc": "ec2 CreateVpc DescribeVpcs DescribeVpcAttribute ModifyVpcAttribute DeleteVpc",
    "aws_vpc_endpoint": "ec2 CreateVpcEndpoint DescribeVpcEndpoints ModifyVpcEndpoint DeleteVpcEndpoints "
    "DescribePrefixLists",
    "aws_vpc_security_group_rule": "ec2 AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress "
    "RevokeSecurityGroupIngress ModifySecurityGroupRules DescribeSecurityGroupRules",
}
"""Resource type → the calls of its life, as the provider makes them: the service, then its actions."""
ELSEWHERE: Final = {
    "aws_acm_certificate_validation": "waits for the certificate",
    "aws_default_security_group": "as aws_security_group",
    "aws_s3_object": "what the monitoring instance runs with: objects of one beginning, by statements of their own",
    "aws_vpc_security_group_ingress_rule": "as aws_vpc_security_group_rule",
    "aws_vpc_security_group_egress_rule": "the same",
    "aws_iam_openid_connect_provider": "made once, by whoever makes the account stack",
}
"""Other types, and why they have no calls of their own here; IAM's and S3's are bounded by name, and below."""
