using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Node.Observability;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Routing;

/// <summary>What a node keeps of the DHT between its runs.</summary>
public sealed class DhtMemoryTests : IDisposable
{
    private const string Protocol = KademliaOptions.AminoProtocol;
    private const int Unreadable = 1048;
    private const int NotKept = 1049;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly Block _block = Samples.Block(1);

    private string FilePath => Path.Combine(_folder.Path, DhtPeerFile.Name);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_a_restart_those_who_answered_are_asked_though_the_bootstrap_peer_is_gone()
    {
        await using DhtServerNode other = await DhtServerNode.StartAsync();
        other.Answer = type => type == DhtAnswers.GetProviders ? DhtAnswers.Provider(other.Node.PeerId, other.Node.Addresses) : [];
        IReadOnlyList<Multiaddr> bootstrap;
        await using (DhtServerNode first = await DhtServerNode.StartAsync())
        {
            bootstrap = first.Node.Addresses;
            first.Answer = _ => DhtAnswers.Closer(other.Node.PeerId, other.Node.Addresses);
            await using NodeHost before = await StartAsync(bootstrap);
            Assert.Single(await FindAsync(before));
        }

        Assert.Equal(2, DhtPeerFile.Read(FilePath, Protocol).Count);
        await using (NodeHost after = await StartAsync(bootstrap))
        {
            Assert.Equal(other.Node.PeerId, Assert.Single(await FindAsync(after)).Peer);
        }

        // who was not there is forgotten
        KademliaContact left = Assert.Single(DhtPeerFile.Read(FilePath, Protocol));
        Assert.Equal((other.Node.PeerId, AddressScope.Machine), (left.Peer.Id, left.Peer.Source));
        Assert.Equal(other.Node.Addresses, left.Peer.Addresses);
    }

    [Fact]
    public async Task Those_that_are_gone_do_no_harm_and_the_bootstrap_peer_is_asked_beside_them()
    {
        await using DhtServerNode first = await DhtServerNode.StartAsync();
        first.Answer = type => type == DhtAnswers.GetProviders ? DhtAnswers.Provider(first.Node.PeerId, first.Node.Addresses) : [];
        DhtPeerFile.Write(FilePath, Protocol, [.. Enumerable.Range(0, DhtPeerFile.MaxPeers).Select(i => Contact(i, "/ip4/127.0.0.1/tcp/1", TimeSpan.FromHours(-1)))]);
        await using (NodeHost node = await StartAsync(first.Node.Addresses, _clock))
        {
            Assert.Single(await FindAsync(node));
        }

        IReadOnlyList<KademliaContact> kept = DhtPeerFile.Read(FilePath, Protocol);
        Assert.Equal(first.Node.PeerId, kept[0].Peer.Id);

        // of those that are gone, half of what is asked at one time were asked at most, and those that have failed are forgotten
        Assert.InRange(kept.Count, DhtPeerFile.MaxPeers + 1 - 5, DhtPeerFile.MaxPeers);
        Assert.Equal(kept.Count, kept.DistinctBy(peer => peer.Peer.Id).Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"version\":2,\"protocol\":\"/ipfs/kad/1.0.0\",\"peers\":[]}")]
    [InlineData("{\"version\":1,\"peers\":[]}")]
    [InlineData("{\"version\":1,\"protocol\":\"/ipfs/kad/1.0.0\"}")]
    [InlineData("{\"version\":1,\"protocol\":\"/ipfs/kad/1.0.0\",\"peers\":{}}")]
    [InlineData("{\"version\":1,\"protocol\":\"/ipfs/kad/1.0.0\",\"peers\":[{\"id\":\"x\",\"answered\":\"\",\"source\":\"World\",\"addresses\":[]}]}")]
    [InlineData("{\"version\":1,\"protocol\":\"/ipfs/kad/1.0.0\",\"peers\":[{\"id\":\"12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99\",\"answered\":\"2026-01-02T03:04:05.0000000+00:00\",\"source\":\"Nowhere\",\"addresses\":[]}]}")]
    [InlineData("{\"version\":1,\"protocol\":\"/ipfs/kad/1.0.0\",\"peers\":[{\"id\":\"12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99\",\"answered\":\"2026-01-02T03:04:05.0000000+00:00\",\"source\":\"World\",\"addresses\":[\"1.2.3.4\"]}]}")]
    [InlineData("{\"version\":1,\"protocol\":\"/ipfs/kad/1.0.0\",\"peers\":[{\"id\":\"12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99\",\"answered\":\"yesterday\",\"source\":\"World\",\"addresses\":[\"/ip4/1.2.3.4/tcp/1\"]}]}")]
    public async Task A_damaged_file_is_said_in_the_log_and_made_anew(string content)
    {
        await File.WriteAllTextAsync(FilePath, content);
        await using DhtServerNode first = await DhtServerNode.StartAsync();
        NodeLogListener log = new(isDetailed: false);
        await using (NodeHost node = await StartAsync(first.Node.Addresses, log: log))
        {
            Assert.Empty(await FindAsync(node));
        }

        Assert.Contains(FilePath, Assert.Single(LinesOf(log, Unreadable)).Text, StringComparison.Ordinal);
        Assert.Equal(first.Node.PeerId, Assert.Single(DhtPeerFile.Read(FilePath, Protocol)).Peer.Id);
    }

    [Fact]
    public void A_file_that_is_too_long_or_names_too_many_is_damaged()
    {
        DhtPeerFile.Write(FilePath, Protocol, Enumerable.Range(0, DhtPeerFile.MaxPeers + 1).Select(i => Contact(i, "/ip4/1.2.3.4/tcp/1")));
        Assert.Throws<FormatException>(() => DhtPeerFile.Read(FilePath, Protocol));
        File.WriteAllBytes(FilePath, new byte[(1 << 20) + 1]);
        Assert.Throws<FormatException>(() => DhtPeerFile.Read(FilePath, Protocol));
    }

    [Fact]
    public void What_is_written_is_read_and_no_more_addresses_than_the_limit()
    {
        Multiaddr[] addresses = [.. Enumerable.Range(1, 10).Select(port => Multiaddr.Parse($"/ip4/1.2.3.4/tcp/{port}").WithPeerId(IdOf(1)))];
        Multiaddr longest = Multiaddr.Parse($"/dns4/{LongName('a')}/tcp/443/tls/sni/{LongName('b')}/ws/p2p/{IdOf(2)}/p2p-circuit").WithPeerId(IdOf(1));
        KademliaContact contact = new(new KademliaPeer(IdOf(1), [longest, .. addresses]) { Source = AddressScope.World }, _clock.GetUtcNow());

        DhtPeerFile.Write(FilePath, Protocol, [contact, new KademliaContact(new KademliaPeer(IdOf(2), []) { Source = AddressScope.World }, _clock.GetUtcNow())]);

        KademliaContact read = Assert.Single(DhtPeerFile.Read(FilePath, Protocol));
        Assert.Equal((contact.Peer.Id, AddressScope.World, contact.Answered), (read.Peer.Id, read.Peer.Source, read.Answered));
        Assert.Equal(addresses[..DhtPeerFile.MaxAddresses], read.Peer.Addresses);
        Assert.Empty(DhtPeerFile.Read(FilePath, KademliaOptions.LanProtocol));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        }
    }

    [Fact]
    public void It_is_written_every_ten_minutes_while_more_answer_and_when_the_node_stops()
    {
        List<KademliaContact> contacts = [];
        using DhtMemory memory = Create();
        memory.Remember(() => contacts);
        _clock.Advance(DhtMemory.SaveInterval);
        Assert.False(File.Exists(FilePath));

        contacts.Add(Contact(1, "/ip4/1.2.3.4/tcp/1"));
        _clock.Advance(DhtMemory.SaveInterval - TimeSpan.FromSeconds(1));
        Assert.False(File.Exists(FilePath));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(DhtPeerFile.Read(FilePath, Protocol));

        File.Delete(FilePath);
        _clock.Advance(DhtMemory.SaveInterval);
        Assert.False(File.Exists(FilePath));
        contacts.Insert(0, Contact(2, "/ip4/1.2.3.4/tcp/1"));
        memory.Dispose();
        Assert.Equal([IdOf(2), IdOf(1)], DhtPeerFile.Read(FilePath, Protocol).Select(peer => peer.Peer.Id));

        File.Delete(FilePath);
        contacts.Insert(0, Contact(3, "/ip4/1.2.3.4/tcp/1"));
        _clock.Advance(2 * DhtMemory.SaveInterval);
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void So_many_are_kept_and_those_that_have_not_answered_for_two_weeks_are_not()
    {
        using (DhtMemory memory = Create())
        {
            memory.Remember(() => [.. Enumerable.Range(0, 300).Select(i => Contact(i, "/ip4/1.2.3.4/tcp/1"))]);
        }

        using (DhtMemory again = Create())
        {
            Assert.Equal(Enumerable.Range(0, DhtPeerFile.MaxPeers).Select(IdOf), again.Peers.Select(peer => peer.Peer.Id));
        }

        _clock.Advance(DhtMemory.MaxAge);
        using DhtMemory late = Create();
        Assert.Empty(late.Peers);
    }

    [Fact]
    public void Those_that_answered_in_the_future_are_not_kept_but_for_a_clock_that_was_set()
    {
        DhtPeerFile.Write(FilePath, Protocol, [Contact(1, "/ip4/1.2.3.4/tcp/1", TimeSpan.FromMinutes(6)), Contact(2, "/ip4/1.2.3.4/tcp/1", TimeSpan.FromMinutes(4))]);

        using DhtMemory memory = Create();

        Assert.Equal(IdOf(2), Assert.Single(memory.Peers).Peer.Id);
    }

    [Fact]
    public void A_repository_that_cannot_be_written_to_is_read_and_one_of_another_DHT_is_not()
    {
        DhtPeerFile.Write(FilePath, Protocol, [Contact(1, "/ip4/1.2.3.4/tcp/1")]);
        using (DhtMemory memory = new(_folder.Path, isReadOnly: true, Protocol, _clock, NullLogger.Instance))
        {
            Assert.Single(memory.Peers);
            memory.Remember(() => [Contact(2, "/ip4/1.2.3.4/tcp/1", TimeSpan.FromHours(1))]);
            _clock.Advance(DhtMemory.SaveInterval);
        }

        Assert.Equal(IdOf(1), Assert.Single(DhtPeerFile.Read(FilePath, Protocol)).Peer.Id);
        using DhtMemory other = new(_folder.Path, isReadOnly: true, KademliaOptions.LanProtocol, _clock, NullLogger.Instance);
        Assert.Empty(other.Peers);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_said_in_the_log_and_leaves_nothing_behind()
    {
        // a folder is in its place
        Directory.CreateDirectory(Path.Combine(FilePath, "full"));
        File.WriteAllText(Path.Combine(_folder.Path, ".dht-peers-1.tmp"), "cut short");
        await using DhtServerNode first = await DhtServerNode.StartAsync();
        NodeLogListener log = new(isDetailed: false);
        await using (NodeHost node = await StartAsync(first.Node.Addresses, log: log))
        {
            Assert.Empty(await FindAsync(node));
        }

        Assert.Contains(FilePath, Assert.Single(LinesOf(log, NotKept)).Text, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*dht-peers*"));
    }

    [Fact]
    public async Task A_node_without_a_DHT_leaves_the_file_alone_and_one_that_asked_none_writes_none()
    {
        await using (NodeHost none = await NodeHost.StartAsync(new NodeOptions { Path = _folder.Path }))
        {
        }

        await using DhtServerNode first = await DhtServerNode.StartAsync();
        await using (NodeHost node = await StartAsync(first.Node.Addresses))
        {
        }

        Assert.False(File.Exists(FilePath));
    }

    private static string LongName(char letter) => string.Join('.', Enumerable.Repeat(new string(letter, 60), 4));

    private static PeerId IdOf(int number) => NameRecords.Key(1 + (number % 255)).PeerId is var id && number < 255
        ? id
        : PeerId.FromBytes([0x12, 0x20, .. new byte[28], .. BitConverter.GetBytes(number)]);

    private KademliaContact Contact(int number, string address, TimeSpan later = default) => new(
        new KademliaPeer(IdOf(number), [Multiaddr.Parse(address).WithPeerId(IdOf(number))])
        {
            Source = AddressScopes.Of(Multiaddr.Parse(address)),
        },
        _clock.GetUtcNow() + later);

    private DhtMemory Create() => new(_folder.Path, isReadOnly: false, Protocol, _clock, NullLogger.Instance);

    private Task<NodeHost> StartAsync(IReadOnlyList<Multiaddr> bootstrap, TimeProvider? clock = null, NodeLogListener? log = null) => NodeHost.StartAsync(new NodeOptions
    {
        Path = _folder.Path,
        Clock = clock ?? TimeProvider.System,
        LogListener = log,
        Routing = new RoutingOptions { DhtBootstrap = bootstrap },
    });

    private static List<NodeLogLine> LinesOf(NodeLogListener log, int id)
    {
        List<NodeLogLine> lines = [];
        while (log.TryRead(out NodeLogLine line))
        {
            if (line.EventId == id)
            {
                lines.Add(line);
            }
        }

        return lines;
    }

    private async Task<FoundProvider[]> FindAsync(NodeHost node) =>
        await Assert.Single(node.Routing.Sources).FindAsync(_block.Cid, new ProviderTally(), default).ToArrayAsync().AsTask().WaitAsync(_patience);
}
