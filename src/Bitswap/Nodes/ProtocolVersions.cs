using Bitswap.Errors;

namespace Bitswap.Nodes;

/// <summary>Bitswap versions as people write them.</summary>
internal static class ProtocolVersions
{
    /// <summary>The names, newest first.</summary>
    public static IReadOnlyList<string> Names { get; } = ["1.2.0", "1.1.0", "1.0.0", "Unversioned"];

    /// <summary>The name of a version.</summary>
    public static string Name(BitswapVersion version) => version switch
    {
        BitswapVersion.V120 => "1.2.0",
        BitswapVersion.V110 => "1.1.0",
        BitswapVersion.V100 => "1.0.0",
        _ => "Unversioned",
    };

    /// <summary>The version of a name.</summary>
    /// <exception cref="FaultException">UnsupportedProtocolVersion.</exception>
    public static BitswapVersion Parse(string name) => name.ToLowerInvariant() switch
    {
        "1.2.0" or "/ipfs/bitswap/1.2.0" => BitswapVersion.V120,
        "1.1.0" or "/ipfs/bitswap/1.1.0" => BitswapVersion.V110,
        "1.0.0" or "/ipfs/bitswap/1.0.0" => BitswapVersion.V100,
        "unversioned" or "/ipfs/bitswap" => BitswapVersion.Unversioned,
        _ => throw new FaultException(Faults.UnsupportedProtocolVersion(name)),
    };
}
