namespace Bitswap.Node.Peers;

/// <summary>The stream we write on, and whether the peer has ended it.</summary>
internal sealed class OutboundStream(IPeerStream stream)
{
    private volatile bool _isResetHere;
    private Task _reading = Task.CompletedTask;

    /// <summary>Gets the protocol negotiated.</summary>
    public string Protocol => stream.Protocol;

    /// <summary>Gets whether the peer has closed or reset the stream, so that what is written now would be lost.</summary>
    public bool IsOver => _reading.IsCompleted;

    /// <summary>Gets whether it was this side that reset it, so that its end says nothing of the peer.</summary>
    public bool IsResetHere => _isResetHere;

    /// <summary>Says what reads what the peer writes on it; once, before it is used.</summary>
    public void Read(Task reading) => _reading = reading;

    /// <summary>Writes a message.</summary>
    /// <exception cref="TimeoutException">The peer did not take it in the time its size allows.</exception>
    public ValueTask WriteAsync(BitswapMessage message, CancellationToken cancellationToken) => stream.WriteAsync(message, cancellationToken);

    /// <summary>Ends the stream in order: what was written still arrives.</summary>
    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await stream.CloseWriteAsync(cancellationToken).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The peer was quicker to end it, which is as good.
            Reset();
        }
    }

    /// <summary>Ends the stream at once.</summary>
    public void Reset()
    {
        _isResetHere = true;
        stream.Reset();
    }
}

/// <summary>A message the engine wants sent, and the number by which it hears of the outcome.</summary>
internal readonly record struct OutgoingMessage(long Id, BitswapMessage Message);
