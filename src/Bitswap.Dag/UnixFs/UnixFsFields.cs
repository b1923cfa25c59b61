namespace Bitswap.Dag.UnixFs;

/// <summary>The field numbers of the protobuf schema in specs.ipfs.tech/unixfs.</summary>
internal static class UnixFsFields
{
    public const int Type = 1;
    public const int Data = 2;
    public const int FileSize = 3;
    public const int BlockSizes = 4;
    public const int HashType = 5;
    public const int Fanout = 6;
    public const int Mode = 7;
    public const int Mtime = 8;
    public const int MtimeSeconds = 1;
    public const int MtimeNanoseconds = 2;
}
