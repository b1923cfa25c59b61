using System.Collections.Concurrent;
using System.Net;
using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>Which gateways are peers, and for how long; without sockets, and by a clock of the test.</summary>
public sealed class HttpNetworkTests : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly DialTerms _terms = new(AddressScope.World, DialRule.Default, 8);
    private readonly FakeTimeProvider _clock = new();
    private readonly Listener _listener = new();
    private readonly Answers _answers = new();
    private readonly HttpNetwork _network;

    public HttpNetworkTests()
    {
        _network = new HttpNetwork(
            new HttpRetrievalOptions { RequestsPerGateway = 2 }, DialRule.Default, _clock, NullLogger.Instance, new GatewayHooks(Handler: () => _answers));
        _network.Start(_listener, new MessageOptions { Protocols = [BitswapProtocolIds.ToId(BitswapVersion.V120)], Clock = _clock });
    }

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    [Fact]
    public async Task One_that_was_found_is_let_go_when_nothing_was_asked_of_it_for_a_while_and_one_that_was_named_stays()
    {
        PeerId found = await ConnectAsync("https://found.example", _terms);
        PeerId named = await ConnectAsync("https://named.example", null);
        _clock.Advance(TimeSpan.FromSeconds(55));
        await AskAsync(found, 1);
        await Poll.UntilAsync(() => _listener.Told.Count == 1);
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(2, _network.Connections.Count);

        // The answer is read a moment before the request is over, and only then nothing is asked.
        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(15));
            return _network.Connections.Count == 1;
        });

        Assert.Equal(named, Assert.Single(_network.Connections).Peer);
        (PeerId peer, ConnectionEnd end) = Assert.Single(_listener.Ended);
        Assert.Equal((found, true, true), (peer, end.ByUs, end.MayReturn));
    }

    [Fact]
    public async Task One_that_was_found_is_not_let_go_while_it_is_leased()
    {
        HttpAddress address = HttpAddress.Of(new Uri("https://found.example"));
        using (await _network.LeaseAsync(address.PeerId, [address.Multiaddr], _terms, default))
        {
            _clock.Advance(TimeSpan.FromMinutes(5));
            Assert.Single(_network.Connections);
        }

        Assert.Empty(_network.Connections);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_was_found_and_has_nothing_is_let_go_for_good_and_one_that_was_named_is_not(bool isFound)
    {
        PeerId peer = await ConnectAsync("https://gateway.example", isFound ? _terms : null);

        await AskAsync(peer, GatewayHealth.MaxMissing);

        // Answers that are not read yet go with the connection.
        await Poll.UntilAsync(() => isFound ? !_listener.Ended.IsEmpty : _listener.Told.Count == GatewayHealth.MaxMissing);
        Assert.Equal(isFound ? 1 : 0, _listener.Ended.Count);
        Assert.All(_listener.Ended, ended => Assert.False(ended.End.MayReturn));
        Assert.All(_listener.Ended, ended => Assert.Contains($"none of the last {GatewayHealth.MaxMissing}", ended.End.Reason));
        Assert.Equal(isFound ? 0 : 1, _network.Connections.Count);
    }

    [Fact]
    public async Task Gateways_at_one_host_share_its_requests()
    {
        PeerId first = await ConnectAsync("https://gateway.example/a", _terms);
        PeerId second = await ConnectAsync("https://gateway.example/b", _terms);
        PeerId other = await ConnectAsync("https://other.example", _terms);
        _answers.Hold();
        await AskAsync(first, 5);
        await AskAsync(second, 5);
        await AskAsync(other, 5);

        await Poll.UntilAsync(() => _answers.Held == 4, "two of each host are under way");
        _answers.Free();

        await Poll.UntilAsync(() => _listener.Told.Count == 15);
        Assert.Equal(2, _answers.MaxOf("gateway.example"));
        Assert.Equal(2, _answers.MaxOf("other.example"));
    }

    [Fact]
    public async Task A_gateway_that_a_person_names_after_it_was_found_is_one_that_was_named()
    {
        PeerId found = await ConnectAsync("https://gateway.example", _terms);
        PeerId named = await ConnectAsync("https://gateway.example", null);
        Assert.Equal(found, named);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Single(_network.Connections);
        Assert.Equal(2, _listener.Connected.Count);
        Assert.Single(_listener.Ended);
    }

    private async Task<PeerId> ConnectAsync(string url, DialTerms? terms) =>
        await _network.ConnectAsync([HttpAddress.Of(new Uri(url)).Multiaddr], terms, default).AsTask().WaitAsync(_patience);

    private async Task AskAsync(PeerId peer, int wants)
    {
        IPeerStream stream = _network.OpenStream(peer, [BitswapProtocolIds.ToId(BitswapVersion.V120)]);
        await stream.WriteAsync(new BitswapMessage { Wantlist = [.. Samples.Blocks(wants, 10).Select(block => new WantlistEntry(block.Cid))] }, default);
    }

    /// <summary>Has the empty block and no other.</summary>
    private sealed class Answers : HttpMessageHandler
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, (int Now, int Max)> _hosts = [];
        private TaskCompletionSource _free = Done();

        public int Held
        {
            get
            {
                lock (_lock)
                {
                    return _hosts.Values.Sum(host => host.Now);
                }
            }
        }

        public void Hold() => _free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Free() => _free.SetResult();

        public int MaxOf(string host) => _hosts[host].Max;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("bafkqaaa", StringComparison.Ordinal))
            {
                return new HttpResponseMessage(HttpStatusCode.OK);
            }

            Count(request.RequestUri.Host, 1);
            await _free.Task.WaitAsync(cancellationToken);
            Count(request.RequestUri.Host, -1);
            return new HttpResponseMessage(HttpStatusCode.NotFound);
        }

        private static TaskCompletionSource Done()
        {
            TaskCompletionSource done = new();
            done.SetResult();
            return done;
        }

        private void Count(string host, int change)
        {
            lock (_lock)
            {
                (int now, int max) = _hosts.GetValueOrDefault(host);
                _hosts[host] = (now + change, Math.Max(max, now + change));
            }
        }
    }

    /// <summary>Hears of gateways and reads what they answer.</summary>
    private sealed class Listener : IPeerNetworkHandler
    {
        public ConcurrentQueue<PeerId> Connected { get; } = new();

        public ConcurrentQueue<(PeerId Peer, ConnectionEnd End)> Ended { get; } = new();

        public ConcurrentQueue<BitswapMessage> Told { get; } = new();

        public void PeerConnected(PeerId peer) => Connected.Enqueue(peer);

        public void PeerChanged(PeerId peer) => throw new NotSupportedException();

        public void PeerDisconnected(PeerId peer, ConnectionEnd end) => Ended.Enqueue((peer, end));

        public async Task HandleStreamAsync(IPeerStream stream, CancellationToken cancellationToken)
        {
            await foreach (IncomingMessage message in stream.ReadAsync(new NoRoom(), cancellationToken))
            {
                Told.Enqueue(message.ReadPart(256));
                message.Done();
            }
        }
    }

    private sealed class NoRoom : IMessageAdmission
    {
        public ValueTask<IMessageRoom> ReserveAsync(int size, CancellationToken cancellationToken) => throw new NotSupportedException("Nothing large comes.");

        public ValueTask ArrivingAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
