namespace Bitswap;

/// <summary>One line of a trace. What does not belong to its kind is null or empty.</summary>
public sealed class BitswapTraceRecord
{
    internal BitswapTraceRecord()
    {
    }

    /// <summary>When it happened.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Start, Message, Connected, Disconnected, Delivered, Failed, Block, Want, Ended, Corrupt or Lost.</summary>
    public required string Kind { get; init; }

    /// <summary>The other end of a message or connection, who a want's answer came from, and at the start the node itself.</summary>
    public string? Peer { get; init; }

    /// <summary>Sent or Received, of a message.</summary>
    public string? Direction { get; init; }

    /// <summary>The number of a message that was sent, or of a want.</summary>
    public long? Id { get; init; }

    /// <summary>Whether a message's wantlist replaces the former one.</summary>
    public bool Full { get; init; }

    /// <summary>The wants and cancels of a message.</summary>
    public BitswapTraceEntry[] Entries { get; init; } = [];

    /// <summary>The blocks of a message, without their data.</summary>
    public BitswapTraceBlock[] Blocks { get; init; } = [];

    /// <summary>The HAVEs and DONT_HAVEs of a message.</summary>
    public BitswapTracePresence[] Presences { get; init; } = [];

    /// <summary>Bytes that the sender of a message holds ready for its receiver.</summary>
    public int PendingBytes { get; init; }

    /// <summary>What a want is for, or the block that was found corrupt.</summary>
    public string? Cid { get; init; }

    /// <summary>How a want ended: Received, or the id of its error; of a connection the protocol spoken; of a corrupt block what is wrong with it.</summary>
    public string? Outcome { get; init; }

    /// <summary>How many records were lost here.</summary>
    public long Lost { get; init; }

    /// <summary>What it says, on one line.</summary>
    public string Summary
    {
        get
        {
            if (Kind is not "Message")
            {
                return string.Join(' ', new[] { ShortText.Of(Cid), Outcome, Lost > 0 ? $"{Lost} records" : null }.Where(part => !string.IsNullOrEmpty(part)));
            }

            List<string> parts = [];
            Count(Entries.Where(entry => entry.Type == "Block").Select(entry => entry.Cid), "want", parts);
            Count(Entries.Where(entry => entry.Type == "Have").Select(entry => entry.Cid), "want-have", parts);
            Count(Entries.Where(entry => entry.Type == "Cancel").Select(entry => entry.Cid), "cancel", parts);
            Count(Blocks.Select(block => block.Cid), "block", parts);
            Count(Presences.Where(presence => presence.Type == "Have").Select(presence => presence.Cid), "have", parts);
            Count(Presences.Where(presence => presence.Type == "DontHave").Select(presence => presence.Cid), "dont-have", parts);
            return string.Join(", ", parts);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Summary}";

    private static void Count(IEnumerable<string> cids, string name, List<string> parts)
    {
        string[] all = [.. cids];
        if (all.Length > 0)
        {
            parts.Add(all.Length == 1 ? $"{name} {ShortText.Of(all[0])}" : $"{all.Length} x {name}");
        }
    }
}

/// <summary>One entry of a traced message's wantlist.</summary>
/// <param name="Cid">What it is about.</param>
/// <param name="Type">Block, Have or Cancel.</param>
/// <param name="Priority">Higher is served first; 0 for a cancel.</param>
/// <param name="SendDontHave">Whether the sender wants to be told when the block is not there.</param>
public sealed record BitswapTraceEntry(string Cid, string Type, int Priority, bool SendDontHave)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Cid}";
}

/// <summary>A block of a traced message, without its data.</summary>
/// <param name="Cid">Its CID.</param>
/// <param name="Size">The length of its data in bytes.</param>
public sealed record BitswapTraceBlock(string Cid, int Size)
{
    /// <inheritdoc/>
    public override string ToString() => Cid;
}

/// <summary>A HAVE or DONT_HAVE of a traced message.</summary>
/// <param name="Cid">What it is about.</param>
/// <param name="Type">Have or DontHave.</param>
public sealed record BitswapTracePresence(string Cid, string Type)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Cid}";
}
