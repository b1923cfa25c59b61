using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Protocols.Mdns;

namespace Bitswap.Libp2p.Tests.Protocols.Mdns;

/// <summary>A local network in memory: what one sends, all who have joined receive, the sender too, as with the real one.</summary>
internal sealed class FakeLan
{
    private readonly ConcurrentDictionary<FakeLink, byte> _joined = new();

    /// <summary>All packets that were sent, with who sent them.</summary>
    public ConcurrentQueue<(IPEndPoint Sender, byte[] Data)> Sent { get; } = new();

    /// <summary>A machine's way to it.</summary>
    public Func<Action<MdnsPacket>, IMulticastLink> Join() => received =>
    {
        FakeLink link = new(this, received);
        _joined.TryAdd(link, 0);
        return link;
    };

    /// <summary>Hands a packet to all, as one from some host.</summary>
    public void Send(IPEndPoint sender, byte[] data)
    {
        Sent.Enqueue((sender, data));
        foreach (FakeLink link in _joined.Keys)
        {
            link.Receive(sender, data);
        }
    }

    private sealed class FakeLink(FakeLan lan, Action<MdnsPacket> received) : IMulticastLink
    {
        private volatile IReadOnlyList<LinkInterface> _open = [];

        public IReadOnlyList<string> Problems => [];

        public IReadOnlyList<LinkInterface> Follow(IReadOnlyList<LinkInterface> interfaces) => _open = [.. interfaces.Where(link => !link.Interface.IsLoopback)];

        public ValueTask<string?> SendAsync(LinkInterface link, ReadOnlyMemory<byte> packet, CancellationToken ct)
        {
            lan.Send(new IPEndPoint(link.Own.First().Address, MdnsAgent.Port), packet.ToArray());
            return ValueTask.FromResult<string?>(null);
        }

        public void Receive(IPEndPoint sender, byte[] data)
        {
            foreach (LinkInterface link in _open.Where(link => link.Family == sender.AddressFamily))
            {
                received(new MdnsPacket(link, sender, data));
            }
        }

        public ValueTask DisposeAsync()
        {
            lan._joined.TryRemove(this, out _);
            return ValueTask.CompletedTask;
        }
    }
}
