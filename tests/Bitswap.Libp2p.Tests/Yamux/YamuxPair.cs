using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Libp2p.Yamux;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Yamux;

/// <summary>Two running sessions, back to back.</summary>
internal sealed class YamuxPair : IAsyncDisposable
{
    public YamuxPair(YamuxOptions? options = null, YamuxOptions? responderOptions = null, int capacity = 512 * 1024, int largestRead = MemorySecureChannel.LargestRead)
    {
        (InitiatorChannel, ResponderChannel) = MemorySecureChannel.CreatePair(capacity, largestRead);
        Initiator = new YamuxSession(InitiatorChannel, true, options ?? YamuxOptions.Default, Time);
        Responder = new YamuxSession(ResponderChannel, false, responderOptions ?? options ?? YamuxOptions.Default, Time);
        InitiatorRun = Initiator.RunAsync();
        ResponderRun = Responder.RunAsync();
    }

    public FakeTimeProvider Time { get; } = new();

    public MemorySecureChannel InitiatorChannel { get; }

    public MemorySecureChannel ResponderChannel { get; }

    public YamuxSession Initiator { get; }

    public YamuxSession Responder { get; }

    public Task InitiatorRun { get; }

    public Task ResponderRun { get; }

    public async Task<(YamuxStream Opened, YamuxStream Accepted)> OpenAsync()
    {
        YamuxStream opened = await Initiator.OpenAsync(default).Within();
        YamuxStream? accepted = await Responder.AcceptAsync(default).Within();
        Assert.NotNull(accepted);
        Assert.Equal(opened.Id, accepted.Id);
        return (opened, accepted);
    }

    public async ValueTask DisposeAsync()
    {
        await Initiator.DisposeAsync().Within();
        await Responder.DisposeAsync().Within();
        await InitiatorRun.Within();
        await ResponderRun.Within();
    }
}
