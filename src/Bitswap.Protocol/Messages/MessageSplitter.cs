namespace Bitswap.Protocol.Messages;

/// <summary>Deals a message out over as many as its limits ask for, in order: wants and cancels, then blocks, then presences.</summary>
internal sealed class MessageSplitter
{
    /// <summary>
    /// The bytes held free in a part for what is not an element: tag, length (4) and <c>full</c> (2) of the wantlist, and pendingBytes (11 at most).
    /// </summary>
    private const int Overhead = 1 + 4 + 2 + 11;

    private readonly BitswapMessage _message;
    private readonly BitswapVersion _version;
    private readonly WireLimits _limits;
    private readonly List<BitswapMessage> _parts = [];
    private List<WantlistEntry> _entries = [];
    private List<Block> _blocks = [];
    private List<BlockPresence> _presences = [];
    private long _size;

    private MessageSplitter(BitswapMessage message, BitswapVersion version, WireLimits limits)
    {
        _message = message;
        _version = version;
        _limits = limits;
    }

    public static IReadOnlyList<BitswapMessage> Split(BitswapMessage message, BitswapVersion version, WireLimits limits)
    {
        if (version >= BitswapVersion.V120)
        {
            IReadOnlyList<BlockPresence> kept = PresenceFilter.WithoutRepeatsAndBlocks(message.Presences, message.Blocks);
            message = ReferenceEquals(kept, message.Presences) ? message : With(message, kept);
        }

        long size = MessageEncoder.Size(message, version);
        if (size == 0)
        {
            return [];
        }

        bool fits = size <= limits.MaxMessageSize
            && message.Wantlist.Count <= limits.MaxOutgoingEntries
            && (version < BitswapVersion.V120 || message.Presences.Count <= limits.MaxOutgoingEntries);
        return fits ? [message] : new MessageSplitter(message, version, limits).Run();
    }

    private static BitswapMessage With(BitswapMessage message, IReadOnlyList<BlockPresence> presences) => new()
    {
        Full = message.Full,
        Wantlist = message.Wantlist,
        Blocks = message.Blocks,
        Presences = presences,
        PendingBytes = message.PendingBytes,
    };

    private List<BitswapMessage> Run()
    {
        foreach (WantlistEntry entry in _message.Wantlist)
        {
            if (MessageEncoder.CanSay(entry, _version))
            {
                MakeRoom(MessageEncoder.EntryFieldSize(entry, _version), _entries.Count);
                _entries.Add(entry);
            }
        }

        foreach (Block block in _message.Blocks)
        {
            MakeRoom(MessageEncoder.BlockFieldSize(block, _version), 0);
            _blocks.Add(block);
        }

        if (_version >= BitswapVersion.V120)
        {
            foreach (BlockPresence presence in _message.Presences)
            {
                MakeRoom(MessageEncoder.PresenceFieldSize(presence), _presences.Count);
                _presences.Add(presence);
            }
        }

        if (_size > 0 || _parts.Count == 0)
        {
            EndPart();
        }

        return WithPendingBytes();
    }

    private void MakeRoom(long size, int alike)
    {
        if (_size > 0 && (_size + size + Overhead > _limits.MaxMessageSize || alike >= _limits.MaxOutgoingEntries))
        {
            EndPart();
        }

        if (size > _limits.MaxMessageSize)
        {
            throw MessageCodec.TooLarge(size, _limits.MaxMessageSize);
        }

        _size += size;
    }

    private void EndPart()
    {
        _parts.Add(new BitswapMessage
        {
            // Only the first part clears what the receiver knew; the others add to it.
            Full = _message.Full && _parts.Count == 0,
            Wantlist = _entries,
            Blocks = _blocks,
            Presences = _presences,
        });
        (_entries, _blocks, _presences, _size) = ([], [], [], 0);
    }

    /// <summary>
    /// What a part does not carry of the blocks is pending still. A block that fills its message to the last bytes goes without the number,
    /// which is a hint, rather than not at all.
    /// </summary>
    private List<BitswapMessage> WithPendingBytes()
    {
        long pending = _message.PendingBytes;
        for (int i = _parts.Count - 1; i >= 0; i--)
        {
            BitswapMessage part = _parts[i];
            BitswapMessage told = new()
            {
                Full = part.Full,
                Wantlist = part.Wantlist,
                Blocks = part.Blocks,
                Presences = part.Presences,
                PendingBytes = (int)Math.Min(pending, int.MaxValue),
            };
            _parts[i] = MessageEncoder.Size(told, _version) <= _limits.MaxMessageSize ? told : part;
            pending += part.Blocks.Sum(block => (long)block.Data.Length);
        }

        return _parts;
    }
}
