using Bitswap.Fuzz.Targets;

namespace Bitswap.Fuzz;

/// <summary>Every parser that reads what others wrote.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
        [.. MultiformatTargets.All, .. DagTargets.All, .. WireTargets.All, .. Libp2pTargets.All, .. NodeTargets.All];

    /// <summary>The target of a name, or null.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
