using System.Runtime.CompilerServices;

namespace Bitswap.Node.Networks.Http;

/// <summary>What this node writes to a gateway: its wants go to the connection's queue, and nothing comes back on it.</summary>
/// <param name="connection">The connection.</param>
/// <param name="protocol">The version of Bitswap that is spoken above.</param>
internal sealed class GatewayWants(GatewayConnection connection, string protocol) : IPeerStream
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public PeerId Peer => connection.Address.PeerId;

    /// <inheritdoc/>
    public string Protocol => protocol;

    /// <inheritdoc/>
    public async IAsyncEnumerable<IncomingMessage> ReadAsync(IMessageAdmission admission, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration gone = connection.Gone.UnsafeRegister(static ended => ((TaskCompletionSource)ended!).TrySetResult(), _ended);
        await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        yield break;
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(BitswapMessage message, CancellationToken cancellationToken) => connection.WriteAsync(message, cancellationToken);

    /// <inheritdoc/>
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        Reset();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Reset() => _ended.TrySetResult();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Reset();
        return ValueTask.CompletedTask;
    }
}

/// <summary>What a gateway answers, for as long as it is connected.</summary>
/// <param name="connection">The connection.</param>
/// <param name="protocol">The version of Bitswap that is spoken above.</param>
internal sealed class GatewayAnswers(GatewayConnection connection, string protocol) : IPeerStream
{
    /// <inheritdoc/>
    public PeerId Peer => connection.Address.PeerId;

    /// <inheritdoc/>
    public string Protocol => protocol;

    /// <inheritdoc/>
    public IAsyncEnumerable<IncomingMessage> ReadAsync(IMessageAdmission admission, CancellationToken cancellationToken) => connection.ReadAsync(admission, cancellationToken);

    /// <inheritdoc/>
    public ValueTask WriteAsync(BitswapMessage message, CancellationToken cancellationToken) => throw new IOException("A gateway is told nothing on what it answers.");

    /// <inheritdoc/>
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void Reset() => connection.Close();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
