namespace Bitswap.Dag.DagPb;

/// <summary>The field numbers of the protobuf schema in ipld.io/specs/codecs/dag-pb/spec.</summary>
internal static class DagPbFields
{
    public const int NodeData = 1;
    public const int NodeLinks = 2;
    public const int LinkHash = 1;
    public const int LinkName = 2;
    public const int LinkTsize = 3;
}
