using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Walk;

/// <summary>
/// Represents the links that a walk has yet to follow, in their order. The blocks of the next ones are asked for together, as many as may be held, and those that come are opened
/// before their turn, so that what lies below them is asked for as well: a walk over a network takes round trips by the depth of a graph and not by its width. One caller at a time; the
/// answers come from other tasks.
/// </summary>
internal sealed class WalkAhead : IAsyncDisposable
{
    // How many are asked for whatever is held.
    private const int AlwaysAsked = 4;

    // Links of blocks whose turn has not come: there is no use in more, and each takes memory.
    private const int MaxLinksAhead = 1 << 16;

    // What a block on its way is taken for: what the block above says, twice the mean of those that came at the least, and within these bounds; the larger one before the first.
    private const long LeastEstimate = 4 << 10;
    private const long MostEstimate = 1 << 20;

    private readonly BlockReader _reader;
    private readonly DagWalkOptions _options;
    private readonly CancellationTokenSource _stop;
    private readonly Dictionary<Cid, WalkAsk> _asked = [];
    private readonly ArrivalQueue<WalkNode> _arrived = new();
    private long _held;
    private long _estimate = MostEstimate;
    private int _linksAhead;
    private int _waiting;
    private int _taken;
    private bool _isFull;

    public WalkAhead(IReadOnlyList<Cid> roots, BlockReader reader, DagWalkOptions options, CancellationToken cancellationToken)
    {
        _reader = reader;
        _options = options;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        for (int i = roots.Count - 1; i >= 0; i--)
        {
            Head = new WalkNode(roots[i], null, null, null) { Next = Head, IsWaiting = true };
        }

        _waiting = roots.Count;
    }

    /// <summary>Gets the next to be visited; null at the end.</summary>
    public WalkNode? Head { get; private set; }

    /// <summary>Asks for what comes next, and returns the block of <see cref="Head"/>, which is no longer held then.</summary>
    public async ValueTask<WalkBlock> TakeAsync(HashSet<Cid> visited)
    {
        WalkNode node = Head!;
        if (node.Ask is null || (_isFull && IsRoomAgain()))
        {
            Fill(visited);
        }

        FollowArrived(visited);
        WalkAsk ask = node.Ask!;
        while (!ask.Answer.IsCompleted)
        {
            // What lies below the blocks that come before it does not wait for this one.
            await _arrived.WaitAsync(ask.Answer).ConfigureAwait(false);
            FollowArrived(visited);
        }

        WalkBlock block = await ask.Answer.ConfigureAwait(false);
        if (block.IsLetGo)
        {
            block = await AnswerAsync(node).ConfigureAwait(false);
        }
        else
        {
            Interlocked.Add(ref _held, -block.Data.Length);
        }

        _asked.Remove(node.Cid);
        ask.IsTaken = true;
        _taken++;
        return block;
    }

    /// <summary>Opens the block of <see cref="Head"/>, whose turn has come.</summary>
    /// <returns>Why it cannot be read; null when its links come next.</returns>
    /// <exception cref="DagException"><c>DagLimitExceeded</c>.</exception>
    public DagException? Open(ReadOnlyMemory<byte> data, HashSet<Cid> visited)
    {
        WalkNode node = Head!;
        StopWaiting(node);
        LeaveAhead(node);
        if (!node.IsOpen)
        {
            Read(node, data, visited);
            if (node.HasLinks && node.Depth >= _options.MaxDepth)
            {
                throw Exceeded(node, $"is deeper than {_options.MaxDepth} links");
            }

            Insert(node);
        }

        foreach (WalkNode child in node.Children)
        {
            if (visited.Contains(child.Cid))
            {
                continue;
            }

            if (_waiting >= _options.MaxPendingLinks)
            {
                throw Exceeded(node, $"has more than {_options.MaxPendingLinks} links that wait to be followed");
            }

            child.IsWaiting = true;
            _waiting++;
        }

        return node.Failure;
    }

    /// <summary>Goes on behind <see cref="Head"/>.</summary>
    public void Advance()
    {
        WalkNode node = Head!;
        Head = node.Next;
        StopWaiting(node);
        LeaveAhead(node);
        node.Leave();
    }

    /// <summary>Gives up what is still asked for and waits for it to end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await ((Task)Task.WhenAll(_asked.Values.Select(static ask => ask.Answer))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>Returns the error of a graph that is too large.</summary>
    public static DagException Exceeded(WalkNode node, string why) =>
        new(DagErrorIds.DagLimitExceeded, $"The graph below {node.Root} {why} (at {node.Cid}).") { Cid = node.Root };

    // Refilled in strides, so that what is asked of a peer goes out in few messages and the next are not looked through for each block.
    private bool IsRoomAgain() =>
        _taken >= _options.ReadAhead / 4 || (_asked.Count < _options.ReadAhead && Interlocked.Read(ref _held) < _options.MaxHeldBytes / 4 * 3);

    /// <summary>Asks for what comes next, from <see cref="Head"/> on.</summary>
    private void Fill(HashSet<Cid> visited)
    {
        _taken = 0;
        _isFull = false;
        int count = 0;
        for (WalkNode? node = Head; node is not null && !_isFull; node = node.Next)
        {
            if (node.Ask is null ? visited.Contains(node.Cid) : node.Ask.IsTaken)
            {
                continue;
            }

            _isFull = node.Ask is null && !TryAsk(node, always: count < AlwaysAsked);
            count++;
            if (!_isFull && node != Head)
            {
                OpenAhead(node, visited);
            }
        }
    }

    /// <summary>Opens the blocks that have come, and asks for what lies below them while there is room.</summary>
    private void FollowArrived(HashSet<Cid> visited)
    {
        while (_arrived.TryTake(out WalkNode? node))
        {
            // When there is no room, what is nearer goes first.
            if (_isFull || node == Head || node.Ask is not { IsTaken: false } || !OpenAhead(node, visited))
            {
                continue;
            }

            foreach (WalkNode child in node.Children)
            {
                if (!TryAsk(child, always: false))
                {
                    _isFull = true;
                    break;
                }

                if (child.Ask!.Answer.IsCompleted)
                {
                    _arrived.Add(child);
                }
            }
        }
    }

    private bool TryAsk(WalkNode node, bool always)
    {
        if (_asked.TryGetValue(node.Cid, out WalkAsk? ask))
        {
            node.Ask = ask;
            return true;
        }

        long estimate = Math.Min(Math.Max(node.Claimed ?? 0, Interlocked.Read(ref _estimate)), MostEstimate);
        if (!always && (_asked.Count >= _options.ReadAhead || Interlocked.Read(ref _held) + estimate > _options.MaxHeldBytes))
        {
            return false;
        }

        Interlocked.Add(ref _held, estimate);
        node.Ask = ask = new WalkAsk(AskAsync(node, estimate));
        _asked.Add(node.Cid, ask);
        if (!ask.Answer.IsCompleted && !DagLinks.IsLeaf(node.Cid.Codec))
        {
            _ = SignalAsync(node, ask.Answer);
        }

        return true;
    }

    private async Task SignalAsync(WalkNode node, Task answer)
    {
        await answer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _arrived.Add(node);
    }

    /// <summary>Opens a block that has come before its turn; false where there is nothing to follow, or too much.</summary>
    private bool OpenAhead(WalkNode node, HashSet<Cid> visited)
    {
        WalkAsk ask = node.Ask!;
        if (node.IsOpen || node.StaysClosed || !ask.Answer.IsCompletedSuccessfully)
        {
            return false;
        }

        // Another link to a block that is open leads to nothing new.
        WalkBlock block = ask.Answer.Result;
        if (ask.IsOpened || !block.IsThere || block.IsLetGo || DagLinks.IsLeaf(node.Cid.Codec) || node.Depth >= _options.MaxDepth)
        {
            node.StaysClosed = true;
            return false;
        }

        Read(node, block.Data, visited);
        if (_linksAhead + node.Children.Count > MaxLinksAhead)
        {
            node.Close();
            return false;
        }

        ask.IsOpened = node.IsAhead = true;
        _linksAhead += node.Children.Count;
        Insert(node);
        return true;
    }

    private void StopWaiting(WalkNode node)
    {
        _waiting -= node.IsWaiting ? 1 : 0;
        node.IsWaiting = false;
    }

    private void LeaveAhead(WalkNode node)
    {
        if (node.IsAhead)
        {
            node.IsAhead = false;
            _linksAhead -= node.Children.Count;
        }
    }

    private void Read(WalkNode node, ReadOnlyMemory<byte> data, HashSet<Cid> visited)
    {
        try
        {
            IReadOnlyList<DagLink> links = DagLinks.ReadNamed(node.Cid, data, _options.Limits);
            node.Opened(Nodes(node, links, data, visited), links.Count > 0);
        }
        catch (DagException exception)
        {
            node.Failed(exception);
        }
    }

    private List<WalkNode> Nodes(WalkNode node, IReadOnlyList<DagLink> links, ReadOnlyMemory<byte> data, HashSet<Cid> visited)
    {
        DagPbOutline outline = node.Cid.Codec == Multicodec.DagPb && (HasNames(links) || LooksUpLeaves(links)) ? DagPbOutline.Of(data) : default;
        List<WalkNode> children = new(links.Count);
        for (int i = 0; i < links.Count; i++)
        {
            if (!visited.Contains(links[i].Cid))
            {
                children.Add(new WalkNode(links[i].Cid, node, DagPbLinks.InPath(links[i].Name, outline.IsShard), outline.LeafSizeOf(i)));
            }
        }

        return children;
    }

    private static void Insert(WalkNode node)
    {
        WalkNode? after = node.Next;
        for (int i = node.Children.Count - 1; i >= 0; i--)
        {
            node.Children[i].Next = after;
            after = node.Children[i];
        }

        node.Next = after;
    }

    private static bool HasNames(IReadOnlyList<DagLink> links) => links.Count > 0 && links[0].Name is not null;

    private bool LooksUpLeaves(IReadOnlyList<DagLink> links) => _options.LeafSize is not null && links.Any(link => DagLinks.IsLeaf(link.Cid.Codec));

    private async Task<WalkBlock> AskAsync(WalkNode node, long estimate)
    {
        WalkBlock block = default;
        try
        {
            block = await AnswerAsync(node).ConfigureAwait(false);
            Learn(block.Data.Length);
            if (Interlocked.Read(ref _held) - estimate > _options.MaxHeldBytes && node != Head)
            {
                // Larger than the blocks before it: asked for again at its turn, from the store by then.
                block = new WalkBlock(true, default, block.Size, null) { IsLetGo = true };
            }

            return block;
        }
        finally
        {
            Interlocked.Add(ref _held, block.Data.Length - estimate);
        }
    }

    private void Learn(int size)
    {
        // Two tasks may learn at once, and one of the two sizes is lost: it is a guess all the same.
        long before = Interlocked.Read(ref _estimate);
        long moved = before == MostEstimate ? 2L * size : before + (((2L * size) - before) / 8);
        Interlocked.Exchange(ref _estimate, Math.Clamp(moved, LeastEstimate, MostEstimate));
    }

    private async ValueTask<WalkBlock> AnswerAsync(WalkNode node)
    {
        Cid cid = node.Cid;
        try
        {
            if (_options.LeafSize is { } leafSize && DagLinks.IsLeaf(cid.Codec) && !KnownBlock.Is(cid.Hash) && BlockRule.Check(cid) is null
                && await leafSize(cid, node.Claimed, _stop.Token).ConfigureAwait(false) is { } size)
            {
                return new WalkBlock(true, default, size, null);
            }

            ReadOnlyMemory<byte> data = await _reader.GetAsync(cid, _stop.Token).ConfigureAwait(false);
            return new WalkBlock(true, data, data.Length, null);
        }
        // A reader says in its own way that it has no block; the walk hands that on with the block that is missing.
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            return new WalkBlock(false, default, null, exception);
        }
    }
}

/// <summary>Represents a question for a block, which may be that of several links.</summary>
internal sealed class WalkAsk(Task<WalkBlock> answer)
{
    public Task<WalkBlock> Answer => answer;

    /// <summary>Gets or sets whether the block had its turn.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Gets or sets whether the block was opened before its turn, for one of its links.</summary>
    public bool IsOpened { get; set; }
}

/// <summary>Represents the answer to a question for a block.</summary>
/// <param name="IsThere">Whether it is there.</param>
/// <param name="Data">Its bytes, unless only its size was asked for.</param>
/// <param name="Size">How many bytes it has.</param>
/// <param name="Error">Why it is not there.</param>
internal readonly record struct WalkBlock(bool IsThere, ReadOnlyMemory<byte> Data, long? Size, Exception? Error)
{
    /// <summary>Gets whether it came and could not be held, so that it is to be asked for again.</summary>
    public bool IsLetGo { get; init; }
}
