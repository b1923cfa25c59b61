using Bitswap.Hostile.Attacks;

namespace Bitswap.Hostile;

/// <summary>One way to do harm to a node that serves: what each attacker does until it is told to stop. A new one is a class and a line in <see cref="All"/>.</summary>
internal abstract class Attack
{
    /// <summary>Every attack, in the order of the table.</summary>
    public static IReadOnlyList<Attack> All { get; } =
    [
        new WantFlood("want flood full", 1024, full: true),
        new WantFlood("want flood incremental", 1024, full: false),
        new WantFlood("want flood 60000 full", 60_000, full: true),
        new WantFlood("want flood 60000", 60_000, full: false),
        new CancelWantAlternation(),
        new PresenceFlood(),
        new UnwantedBlocks(),
        new StalledReader(),
        new IdentityFlood(),
        new IdleSockets(),
        new SlowSockets(),
        new HandshakeHalves(),
        new RapidReset(),
        new SharedIdentity(),
        new ForgedRecords(),
    ];

    /// <summary>Its name in the table.</summary>
    public abstract string Name { get; }

    /// <summary>What an attacker does, in a line.</summary>
    public abstract string Summary { get; }

    /// <summary>Attacks until cancelled.</summary>
    public abstract Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken);

    /// <summary>The attacks whose name holds a text.</summary>
    public static Attack[] Find(string part) => [.. All.Where(attack => attack.Name.Contains(part, StringComparison.OrdinalIgnoreCase))];
}
