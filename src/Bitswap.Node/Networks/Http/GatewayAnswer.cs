namespace Bitswap.Node.Networks.Http;

/// <summary>What a gateway answered to a request for a block.</summary>
/// <param name="Kind">In a word.</param>
/// <param name="Reason">The same for reports, as the end of a sentence about the gateway; null where the word says it.</param>
internal sealed record GatewayAnswer(GatewayAnswerKind Kind, string? Reason = null)
{
    /// <summary>Gets the block: the one that was asked for, or of wrong bytes the one that they are.</summary>
    public Block? Block { get; init; }

    /// <summary>Gets the room that the block takes; null for one that takes none.</summary>
    public IMessageRoom? Room { get; init; }

    /// <summary>Gets how long it asks to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Specifies what a gateway answered.</summary>
internal enum GatewayAnswerKind
{
    /// <summary>The block.</summary>
    Given,

    /// <summary>That it has the block.</summary>
    Has,

    /// <summary>That it has no such block: 404 or 410.</summary>
    Missing,

    /// <summary>Another status, which does not say that.</summary>
    Refused,

    /// <summary>To be asked later: 429 or 503.</summary>
    Busy,

    /// <summary>Nothing, or nothing whole, or that it failed.</summary>
    Failed,

    /// <summary>Bytes that do not hash to the CID.</summary>
    Wrong,

    /// <summary>More bytes than a block may have.</summary>
    TooBig,
}

/// <summary>An answer as a message, with memory of its own, whose block is verified.</summary>
/// <param name="message">The message.</param>
/// <param name="size">Its length in bytes.</param>
/// <param name="memory">Whom the memory of its block is from.</param>
/// <param name="room">The room it takes; null for one that takes none.</param>
internal sealed class GatewayMessage(BitswapMessage message, int size, FrameMemory memory, IDisposable? room) : IncomingMessage
{
    private bool _isRead;

    /// <inheritdoc/>
    public override int Size => size;

    /// <inheritdoc/>
    // It needs no thread of its own: nothing is left to hash.
    public override bool IsDetached => false;

    /// <inheritdoc/>
    public override int Left => _isRead ? 0 : 1;

    /// <inheritdoc/>
    public override int EntriesLeft => _isRead ? 0 : message.Presences.Count;

    /// <inheritdoc/>
    public override BitswapMessage ReadPart(int maxElements)
    {
        _isRead = true;
        return message;
    }

    /// <inheritdoc/>
    protected override void Release(bool isKept)
    {
        if (!isKept)
        {
            foreach (Block block in message.Blocks)
            {
                memory.Return(block.Data);
            }
        }

        room?.Dispose();
    }
}
