using Bitswap.Hostile.Lures;

namespace Bitswap.Hostile;

/// <summary>
/// One way to do harm to a node that fetches: whom it asks lies, or who tells it whom to ask. One honest source is always there beside the liars. A new one is a class and a
/// line in <see cref="All"/>.
/// </summary>
internal abstract class Lure
{
    /// <summary>Every lure, in the order of the table.</summary>
    public static IReadOnlyList<Lure> All { get; } =
    [
        new HaveLies(),
        new LyingRouters(),
        new LyingDhtServers(),
    ];

    /// <summary>Its name in the table.</summary>
    public abstract string Name { get; }

    /// <summary>What the liars do, in a line.</summary>
    public abstract string Summary { get; }

    /// <summary>Starts the liars, and what is honest beside them; they go on until cancelled.</summary>
    /// <param name="provider">Who has the blocks.</param>
    /// <param name="liars">How many liars; with none, what is honest is alone.</param>
    /// <param name="cancellationToken">Ends them.</param>
    /// <returns>What the fetching node is told of.</returns>
    public abstract Task<Sources> StartAsync(Multiaddr provider, int liars, CancellationToken cancellationToken);

    /// <summary>The lures whose name holds a text.</summary>
    public static Lure[] Find(string part) => [.. All.Where(lure => lure.Name.Contains(part, StringComparison.OrdinalIgnoreCase))];
}
