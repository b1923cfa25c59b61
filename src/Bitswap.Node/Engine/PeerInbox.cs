using System.Threading.Channels;
using Bitswap.Protocol;

namespace Bitswap.Node.Engine;

/// <summary>The inputs of one peer on their way to the loop, in their order. It is bounded: who posts waits, so a peer that floods is slowed at its socket.</summary>
internal sealed class PeerInbox
{
    private const int Capacity = 64;

    private readonly Channel<PeerInput> _inputs = Channel.CreateBounded<PeerInput>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly EngineLoop _loop;
    private readonly Action<BitswapEngine, TimeSpan> _enter;
    private int _isListed;

    public PeerInbox(EngineLoop loop)
    {
        _loop = loop;
        _enter = (_, _) => loop.Turns.Enter(this);
    }

    /// <summary>Gets the entries that may be taken before others have their turn; below zero what was taken over that. On the loop only.</summary>
    public int Credit { get; set; }

    /// <summary>Gives the engine an input of the peer, waiting while there are too many. False when the loop has ended.</summary>
    /// <param name="cost">What it takes, in wantlist entries.</param>
    /// <param name="input">Tells the engine.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<bool> PostAsync(int cost, Action<BitswapEngine, TimeSpan> input, CancellationToken cancellationToken = default)
    {
        PeerInput posted = new(input, cost);
        if (!_inputs.Writer.TryWrite(posted))
        {
            await _inputs.Writer.WriteAsync(posted, cancellationToken).ConfigureAwait(false);
        }

        // The caller that fills an empty inbox lists it, and does not give up on that: the others rely on it.
        return Interlocked.Exchange(ref _isListed, 1) == 1 || await _loop.PostAsync(_enter, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>As <see cref="PostAsync"/>, and waits until the engine was told, or the loop has ended.</summary>
    public async ValueTask ApplyAsync(int cost, Action<BitswapEngine, TimeSpan> input)
    {
        TaskCompletionSource applied = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool posted = await PostAsync(
            cost,
            (engine, now) =>
            {
                input(engine, now);
                applied.SetResult();
            }).ConfigureAwait(false);
        if (posted)
        {
            await Task.WhenAny(applied.Task, _loop.Completion).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the next input. On the loop only.</summary>
    public bool TryTake(out PeerInput input) => _inputs.Reader.TryRead(out input);

    /// <summary>Is listed no more, unless an input has come. On the loop only.</summary>
    public bool TryLeave()
    {
        Interlocked.Exchange(ref _isListed, 0);
        return !_inputs.Reader.TryPeek(out _) || Interlocked.Exchange(ref _isListed, 1) == 1;
    }
}

/// <summary>Something of one peer that the engine is to be told.</summary>
/// <param name="Apply">Tells it, on the loop.</param>
/// <param name="Cost">What that takes, in wantlist entries.</param>
internal readonly record struct PeerInput(Action<BitswapEngine, TimeSpan> Apply, int Cost);
