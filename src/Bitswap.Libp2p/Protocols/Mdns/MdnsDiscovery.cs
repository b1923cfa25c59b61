using System.Net.NetworkInformation;
using System.Threading.Channels;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Reachability;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>
/// Finds peers on the local network, and is found by them, by multicast DNS (libp2p specs, discovery/mdns.md): it gives the agent its packets and the time, and sends what that says.
/// </summary>
public sealed class MdnsDiscovery : IPeerDiscovery
{
    // what waits is read within a turn; what does not fit is lost, as packets are
    private const int MaxWaiting = 256;

    // an interface that comes up gets its addresses one by one
    private static readonly TimeSpan _settleTime = TimeSpan.FromSeconds(1);

    private readonly Libp2pHost _host;
    private readonly MdnsOptions _options;
    private readonly TimeProvider _clock;
    private readonly IMachineInterfaces _interfaces;
    private readonly ILogger _logger;
    private readonly Channel<MdnsPacket> _packets;
    private readonly ChangeSignal _wake = new();
    private readonly ChangeSignal _changes = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly MdnsAgent _agent;
    private readonly IMulticastLink _link;
    private readonly DateTimeOffset _started;
    private readonly long _startStamp;
    private Task _running = Task.CompletedTask;
    private volatile IReadOnlyList<string> _names = [];
    private volatile IReadOnlyList<string> _problems = [];
    private volatile bool _isMachineOnly;
    private long _told;

    /// <summary>Prepares it; it does nothing before <see cref="Start"/>.</summary>
    /// <param name="host">Whose addresses are told, and who is not found; its clock and its log are used.</param>
    /// <param name="options">The limits.</param>
    public MdnsDiscovery(Libp2pHost host, MdnsOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        _host = host;
        _options = options;
        _clock = host.Options.Clock;
        _interfaces = host.Options.Interfaces;
        _logger = host.Options.LoggerFactory.CreateLogger<MdnsDiscovery>();
        _packets = Channel.CreateBounded<MdnsPacket>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        _started = _clock.GetUtcNow();
        _startStamp = _clock.GetTimestamp();
        _agent = new MdnsAgent(options, host.PeerId, MdnsOptions.ServiceNameOf(host.Options.SwarmKey), Listened);
        _link = options.Link?.Invoke(Receive) ?? new UdpMulticastLink(Receive, _logger);
    }

    /// <inheritdoc/>
    public event Action<DiscoveredPeer>? Heard;

    /// <inheritdoc/>
    public IReadOnlyList<DiscoveredPeer> Peers
    {
        get
        {
            lock (_gate)
            {
                return _agent.Read(Now, _started);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Interfaces => _names;

    /// <inheritdoc/>
    public bool IsMachineOnly => _isMachineOnly;

    /// <inheritdoc/>
    public IReadOnlyList<string> Problems => _problems;

    private TimeSpan Now => _clock.GetElapsedTime(_startStamp);

    /// <inheritdoc/>
    public void Start()
    {
        TakeInterfaces();
        try
        {
            _interfaces.Changed += _changes.Raise;
        }
        catch (NetworkInformationException error)
        {
            Log.ChangesUnknown(_logger, error);
        }
        _host.AddressesChanged += _changes.Raise;
        _running = Task.WhenAll(Task.Run(RunAsync), Task.Run(FollowAsync));
    }

    /// <inheritdoc/>
    public void Ask()
    {
        lock (_gate)
        {
            _agent.Ask(Now);
        }
        _wake.Raise();
    }

    /// <summary>Says goodbye to the network, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
        await _stopping.CancelAsync().ConfigureAwait(false);
        _interfaces.Changed -= _changes.Raise;
        _host.AddressesChanged -= _changes.Raise;
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            _agent.Leave();
        }
        await SendAsync(CancellationToken.None).ConfigureAwait(false);
        await _link.DisposeAsync().ConfigureAwait(false);
        Heard = null;
    }

    private void Receive(MdnsPacket packet)
    {
        if (_packets.Writer.TryWrite(packet))
        {
            _wake.Raise();
        }
    }

    private IEnumerable<Multiaddr> Listened() => _host.OwnAddresses.Where(own => own.Origin == AddressOrigin.Listening).Select(own => own.Address);

    private async Task RunAsync()
    {
        Task woken = _wake.WaitAsync(_stopping.Token).AsTask();
        while (true)
        {
            TimeSpan? next;
            lock (_gate)
            {
                int read = 0;
                while (read++ < MaxWaiting && _packets.Reader.TryRead(out MdnsPacket? packet))
                {
                    _agent.Handle(packet, Now);
                }
                _agent.Tick(Now);
                next = read > MaxWaiting ? TimeSpan.Zero : _agent.NextDeadline - Now;
            }
            await SendAsync(_stopping.Token).ConfigureAwait(false);
            Raise();
            if (next is not { } wait || wait > TimeSpan.Zero)
            {
                using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                await Task.WhenAny(woken, Task.Delay(next ?? Timeout.InfiniteTimeSpan, _clock, over.Token)).ConfigureAwait(false);
                await over.CancelAsync().ConfigureAwait(false);
                _stopping.Token.ThrowIfCancellationRequested();
                if (woken.IsCompleted)
                {
                    await woken.ConfigureAwait(false);
                    woken = _wake.WaitAsync(_stopping.Token).AsTask();
                }
            }
        }
    }

    private async Task FollowAsync()
    {
        while (true)
        {
            await _changes.WaitAsync(_stopping.Token).ConfigureAwait(false);
            await Task.Delay(_settleTime, _clock, _stopping.Token).ConfigureAwait(false);
            TakeInterfaces();
            _wake.Raise();
        }
    }

    private void TakeInterfaces()
    {
        try
        {
            IReadOnlyList<MachineInterface> interfaces = _interfaces.Read();
            LinkInterface[] wanted = [.. LinkInterface.Of(interfaces, _options.Interfaces)];
            lock (_gate)
            {
                IReadOnlyList<LinkInterface> open = _link.Follow([.. wanted.Take(_options.MaxInterfaces)]);
                _agent.Follow(open, interfaces.SelectMany(network => network.Addresses).Select(own => own.Address), Now);
                _names = [.. open.Select(link => link.Interface.Name).Distinct(StringComparer.Ordinal)];
            }
            _isMachineOnly = _options.Interfaces.Count > 0
                && _options.Interfaces.All(name => interfaces.Any(network => network.IsLoopback && string.Equals(network.Name, name, StringComparison.OrdinalIgnoreCase)));
            _problems =
            [
                .. _link.Problems,
                .. _options.Interfaces.Where(name => !wanted.Any(link => string.Equals(link.Interface.Name, name, StringComparison.OrdinalIgnoreCase))).Select(name => $"{name}: there is no such interface, or it is down"),
            ];
            MdnsLog.Looking(_logger, string.Join(", ", _names));
        }
        catch (NetworkInformationException error)
        {
            _problems = [error.Message];
            Log.InterfacesUnreadable(_logger, error);
        }
    }

    private async Task SendAsync(CancellationToken ct)
    {
        while (true)
        {
            MdnsSend send;
            lock (_gate)
            {
                if (!_agent.TryDequeueSend(out send))
                {
                    return;
                }
            }
            if (await _link.SendAsync(send.Link, send.Data, ct).ConfigureAwait(false) is { } problem)
            {
                MdnsLog.SendFailed(_logger, send.Link.ToString(), problem);
            }
        }
    }

    private void Raise()
    {
        while (true)
        {
            DiscoveredPeer heard;
            lock (_gate)
            {
                if (_agent.Dropped > _told)
                {
                    MdnsLog.Dropped(_logger, _agent.Dropped - _told);
                    _told = _agent.Dropped;
                }
                if (!_agent.TryDequeueHeard(Now, _started, out heard))
                {
                    return;
                }
            }
            MdnsLog.Found(_logger, heard.Peer.ToString(), string.Join(", ", heard.Interfaces), string.Join(", ", heard.Addresses));
            EventPump.Raise(_logger, nameof(Heard), Heard, heard);
        }
    }
}
