using Bitswap.Multiformats;

namespace Bitswap.Protocol.Wire;

/// <summary>Bounds on messages, in both directions. Each is refused at construction when out of range.</summary>
public sealed record WireLimits
{
    /// <summary>4 MiB: a message MUST NOT be larger (Bitswap specification, "Wire Format").</summary>
    public const int LargestMessage = BlockRule.MessageSize;

    /// <summary>The limits of a node that was told nothing else.</summary>
    public static WireLimits Default { get; } = new();

    /// <summary>
    /// Bytes of one message, without its length prefix; 1 KiB to 4 MiB, 4 MiB by default. A longer one is refused by its declared
    /// length, and outgoing ones are split to fit.
    /// </summary>
    public int MaxMessageSize
    {
        get;
        init => field = InRange(value, 1024, LargestMessage);
    } = LargestMessage;

    /// <summary>
    /// Bytes of a received block; 1 to 4 MiB, 4 MiB by default: whatever fits a message, as in boxo (the specification asks for 2 MiB at
    /// least). A larger one, and one that <see cref="BlockRule"/> refuses, is left out of the decoded message and counted.
    /// </summary>
    public int MaxBlockSize
    {
        get;
        init => field = InRange(value, 1, LargestMessage);
    } = LargestMessage;

    /// <summary>
    /// Wantlist entries of a received message; 1 to 1 048 576, 65 536 by default: more than boxo's 2 MiB want messages can hold.
    /// A message with more is refused before any is read.
    /// </summary>
    public int MaxEntries
    {
        get;
        init => field = InRange(value, 1, Most);
    } = DefaultCount;

    /// <summary>HAVEs and DONT_HAVEs of a received message; range and default as of <see cref="MaxEntries"/>.</summary>
    public int MaxPresences
    {
        get;
        init => field = InRange(value, 1, Most);
    } = DefaultCount;

    /// <summary>Blocks of a received message; range and default as of <see cref="MaxEntries"/>.</summary>
    public int MaxBlocks
    {
        get;
        init => field = InRange(value, 1, Most);
    } = DefaultCount;

    /// <summary>
    /// Wantlist entries, and likewise presences, of one outgoing message; 1 to 65 536, 1024 by default: a peer that keeps 1024 wants
    /// (boxo) has no use for more at once.
    /// </summary>
    public int MaxOutgoingEntries
    {
        get;
        init => field = InRange(value, 1, DefaultCount);
    } = 1024;

    private const int DefaultCount = 65_536;
    private const int Most = 1 << 20;

    private static int InRange(int value, int least, int most, [System.Runtime.CompilerServices.CallerMemberName] string name = "") =>
        value >= least && value <= most
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be {least} to {most}.");
}
