using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Node;

/// <content>The options of all rooms; a test holds the list to their records.</content>
public static partial class NodeOptionTable
{
    private static IEnumerable<Entry> Entries() =>
    [
        Node<int>(nameof(NodeOptions.InboxCapacity), static (options, value) => options with { InboxCapacity = value }),
        Node<long>(nameof(NodeOptions.MaxReceivedBytes), static (options, value) => options with { MaxReceivedBytes = value }),
        Node<long>(nameof(NodeOptions.MaxFrameBytes), static (options, value) => options with { MaxFrameBytes = value }),
        Node<int>(nameof(NodeOptions.PeerEntryRate), static (options, value) => options with { PeerEntryRate = value }),
        Node<int>(nameof(NodeOptions.StoreParallelism), static (options, value) => options with { StoreParallelism = value }),
        Node<TimeSpan>(nameof(NodeOptions.StoreTimeout), static (options, value) => options with { StoreTimeout = value }),
        Node<long>(nameof(NodeOptions.MaxMemoryBytes), static (options, value) => options with { MaxMemoryBytes = value }),
        Node<long>(nameof(NodeOptions.MaxPassingBytes), static (options, value) => options with { MaxPassingBytes = value }),
        Node<long>(nameof(NodeOptions.StorageMax), static (options, value) => options with { StorageMax = value }),
        Node<int>(nameof(NodeOptions.StorageHighWater), static (options, value) => options with { StorageHighWater = value }),
        Node<int>(nameof(NodeOptions.StorageLowWater), static (options, value) => options with { StorageLowWater = value }),
        Node<int>(nameof(NodeOptions.MaxCorruptBlocks), static (options, value) => options with { MaxCorruptBlocks = value }),
        Node<long>(nameof(NodeOptions.MaxLogFileBytes), static (options, value) => options with { MaxLogFileBytes = value }),
        Node<int>(nameof(NodeOptions.MaxLogFiles), static (options, value) => options with { MaxLogFiles = value }),
        Node<TimeSpan>(nameof(NodeOptions.FilterTimeout), static (options, value) => options with { FilterTimeout = value }),
        Node<int>(nameof(NodeOptions.FilterParallelism), static (options, value) => options with { FilterParallelism = value }),
        Node<TimeSpan>(nameof(NodeOptions.BitswapNegotiationTime), static (options, value) => options with { BitswapNegotiationTime = value }),
        Node<bool>(nameof(NodeOptions.BitswapOverRelays), static (options, value) => options with { BitswapOverRelays = value }),
        Node<ulong?>(nameof(NodeOptions.Seed), static (options, value) => options with { Seed = value }),

        Engine<int>(nameof(EngineOptions.MaxWants), static (options, value) => options with { MaxWants = value }),
        Engine<int>(nameof(EngineOptions.MaxOutstandingWants), static (options, value) => options with { MaxOutstandingWants = value }),
        Engine<int>(nameof(EngineOptions.MaxRequestedBytes), static (options, value) => options with { MaxRequestedBytes = value }),
        Engine<int>(nameof(EngineOptions.MaxStoringBytes), static (options, value) => options with { MaxStoringBytes = value }),
        Engine<int>(nameof(EngineOptions.MaxWantMessageEntries), static (options, value) => options with { MaxWantMessageEntries = value }),
        Engine<int>(nameof(EngineOptions.MaxWantMessagesInFlight), static (options, value) => options with { MaxWantMessagesInFlight = value }),
        Engine<int>(nameof(EngineOptions.MaxSendAttempts), static (options, value) => options with { MaxSendAttempts = value }),
        Engine<TimeSpan>(nameof(EngineOptions.SendRetryDelay), static (options, value) => options with { SendRetryDelay = value }),
        Engine<TimeSpan>(nameof(EngineOptions.DeniedRetryDelay), static (options, value) => options with { DeniedRetryDelay = value }),
        Engine<TimeSpan>(nameof(EngineOptions.ResendInterval), static (options, value) => options with { ResendInterval = value }),
        Engine<TimeSpan>(nameof(EngineOptions.DontHaveTimeout), static (options, value) => options with { DontHaveTimeout = value }),
        Engine<TimeSpan>(nameof(EngineOptions.MinDontHaveTimeout), static (options, value) => options with { MinDontHaveTimeout = value }),
        Engine<TimeSpan>(nameof(EngineOptions.MaxDontHaveTimeout), static (options, value) => options with { MaxDontHaveTimeout = value }),
        Engine<bool>(nameof(EngineOptions.FailFastWithoutPeers), static (options, value) => options with { FailFastWithoutPeers = value }),
        Engine<int>(nameof(EngineOptions.MaxSessionPeers), static (options, value) => options with { MaxSessionPeers = value }),
        Engine<int>(nameof(EngineOptions.SessionPruneAfter), static (options, value) => options with { SessionPruneAfter = value }),
        Engine<int>(nameof(EngineOptions.BroadcastWindow), static (options, value) => options with { BroadcastWindow = value }),
        Engine<int>(nameof(EngineOptions.MaxIdleSessions), static (options, value) => options with { MaxIdleSessions = value }),
        Engine<TimeSpan>(nameof(EngineOptions.SessionFirstTick), static (options, value) => options with { SessionFirstTick = value }),
        Engine<TimeSpan>(nameof(EngineOptions.SessionTickBase), static (options, value) => options with { SessionTickBase = value }),
        Engine<bool>(nameof(EngineOptions.ProviderSearch), static (options, value) => options with { ProviderSearch = value }),
        Engine<int>(nameof(EngineOptions.MaxProviderSearches), static (options, value) => options with { MaxProviderSearches = value }),
        Engine<TimeSpan>(nameof(EngineOptions.ProviderSearchTimeout), static (options, value) => options with { ProviderSearchTimeout = value }),
        Engine<int>(nameof(EngineOptions.MaxLostPeers), static (options, value) => options with { MaxLostPeers = value }),
        Engine<int>(nameof(EngineOptions.MaxRedials), static (options, value) => options with { MaxRedials = value }),
        Engine<TimeSpan>(nameof(EngineOptions.RedialDelay), static (options, value) => options with { RedialDelay = value }),
        Engine<TimeSpan>(nameof(EngineOptions.MaxRedialDelay), static (options, value) => options with { MaxRedialDelay = value }),
        Engine<int>(nameof(EngineOptions.RecentBlocks), static (options, value) => options with { RecentBlocks = value }),
        Engine<long>(nameof(EngineOptions.MaxUnwantedBytes), static (options, value) => options with { MaxUnwantedBytes = value }),
        Engine<int>(nameof(EngineOptions.MaxWithdrawnWants), static (options, value) => options with { MaxWithdrawnWants = value }),
        Engine<int>(nameof(EngineOptions.MaxStoreRequests), static (options, value) => options with { MaxStoreRequests = value }),
        Engine<int>(nameof(EngineOptions.MaxCheckedCids), static (options, value) => options with { MaxCheckedCids = value }),
        Engine<bool>(nameof(EngineOptions.ClientOnly), static (options, value) => options with { ClientOnly = value }),
        Engine<int>(nameof(EngineOptions.MaxPeerWants), static (options, value) => options with { MaxPeerWants = value }),
        Engine<long>(nameof(EngineOptions.MaxPeerWantBytes), static (options, value) => options with { MaxPeerWantBytes = value }),
        Engine<int>(nameof(EngineOptions.MaxCidLength), static (options, value) => options with { MaxCidLength = value }),
        Engine<TimeSpan>(nameof(EngineOptions.PeerWantExpiry), static (options, value) => options with { PeerWantExpiry = value }),
        Engine<int>(nameof(EngineOptions.ReplyTarget), static (options, value) => options with { ReplyTarget = value }),
        Engine<int>(nameof(EngineOptions.MaxOutstandingReplyBytes), static (options, value) => options with { MaxOutstandingReplyBytes = value }),
        Engine<int>(nameof(EngineOptions.HaveToBlockSize), static (options, value) => options with { HaveToBlockSize = value }),
        Engine<TimeSpan>(nameof(EngineOptions.StarvationLimit), static (options, value) => options with { StarvationLimit = value }),
        Engine<long>(nameof(EngineOptions.UploadRate), static (options, value) => options with { UploadRate = value }),
        Engine<long>(nameof(EngineOptions.PeerUploadRate), static (options, value) => options with { PeerUploadRate = value }),
        Engine<int>(nameof(EngineOptions.MaxMessageSize), static (options, value) => options with { MaxMessageSize = value }),
        Engine<int>(nameof(EngineOptions.MaxLedgers), static (options, value) => options with { MaxLedgers = value }),

        Wire<int>(nameof(WireLimits.MaxMessageSize), static (options, value) => options with { MaxMessageSize = value }),
        Wire<int>(nameof(WireLimits.MaxBlockSize), static (options, value) => options with { MaxBlockSize = value }),
        Wire<int>(nameof(WireLimits.MaxEntries), static (options, value) => options with { MaxEntries = value }),
        Wire<int>(nameof(WireLimits.MaxPresences), static (options, value) => options with { MaxPresences = value }),
        Wire<int>(nameof(WireLimits.MaxBlocks), static (options, value) => options with { MaxBlocks = value }),
        Wire<int>(nameof(WireLimits.MaxOutgoingEntries), static (options, value) => options with { MaxOutgoingEntries = value }),

        Routing<IReadOnlyList<Uri>>(nameof(RoutingOptions.Routers), static (options, value) => options with { Routers = value }),
        Routing<IReadOnlyList<Multiaddr>>(nameof(RoutingOptions.DhtBootstrap), static (options, value) => options with { DhtBootstrap = value }),
        Routing<string>(nameof(RoutingOptions.DhtProtocol), static (options, value) => options with { DhtProtocol = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.DhtQueryTimeout), static (options, value) => options with { DhtQueryTimeout = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.RouterTimeout), static (options, value) => options with { RouterTimeout = value }),
        Routing<int>(nameof(RoutingOptions.MaxRouterRedirects), static (options, value) => options with { MaxRouterRedirects = value }),
        Routing<int>(nameof(RoutingOptions.MaxRouterAnswerBytes), static (options, value) => options with { MaxRouterAnswerBytes = value }),
        Routing<int>(nameof(RoutingOptions.MaxRouterRecords), static (options, value) => options with { MaxRouterRecords = value }),
        Routing<int>(nameof(RoutingOptions.MaxRouterLineBytes), static (options, value) => options with { MaxRouterLineBytes = value }),
        Routing<int>(nameof(RoutingOptions.MaxProviderAddresses), static (options, value) => options with { MaxProviderAddresses = value }),
        Routing<int>(nameof(RoutingOptions.AncestorsPerSearch), static (options, value) => options with { AncestorsPerSearch = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.AncestorSearchDelay), static (options, value) => options with { AncestorSearchDelay = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.AncestorSearchMemory), static (options, value) => options with { AncestorSearchMemory = value }),
        Routing<int>(nameof(RoutingOptions.ProvidersPerSearch), static (options, value) => options with { ProvidersPerSearch = value }),
        Routing<int>(nameof(RoutingOptions.MaxProviderDials), static (options, value) => options with { MaxProviderDials = value }),
        Routing<int>(nameof(RoutingOptions.MaxDialsPerProvider), static (options, value) => options with { MaxDialsPerProvider = value }),
        Routing<bool>(nameof(RoutingOptions.AllowPrivateAddresses), static (options, value) => options with { AllowPrivateAddresses = value }),
        Routing<bool>(nameof(RoutingOptions.AllowPublicAddresses), static (options, value) => options with { AllowPublicAddresses = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.ProviderDialTimeout), static (options, value) => options with { ProviderDialTimeout = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.PeerLookupTimeout), static (options, value) => options with { PeerLookupTimeout = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.PeerLookupMemory), static (options, value) => options with { PeerLookupMemory = value }),
        Routing<int>(nameof(RoutingOptions.MaxPeerLookups), static (options, value) => options with { MaxPeerLookups = value }),
        Routing<bool>(nameof(RoutingOptions.ResolveNames), static (options, value) => options with { ResolveNames = value }),
        Routing<string>(nameof(RoutingOptions.DnsServer), static (options, value) => options with { DnsServer = value }),
        Routing<int>(nameof(RoutingOptions.NameQuorum), static (options, value) => options with { NameQuorum = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.NameSettleTime), static (options, value) => options with { NameSettleTime = value }),
        Routing<int>(nameof(RoutingOptions.MaxNameSteps), static (options, value) => options with { MaxNameSteps = value }),
        Routing<int>(nameof(RoutingOptions.MaxCachedNames), static (options, value) => options with { MaxCachedNames = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.MaxNameCacheTime), static (options, value) => options with { MaxNameCacheTime = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.NameRepublishInterval), static (options, value) => options with { NameRepublishInterval = value }),
        Routing<ProvideStrategy>(nameof(RoutingOptions.Provide), static (options, value) => options with { Provide = value }),
        Routing<TimeSpan>(nameof(RoutingOptions.ProvideInterval), static (options, value) => options with { ProvideInterval = value }),
        Routing<int>(nameof(RoutingOptions.MaxProvideKeys), static (options, value) => options with { MaxProvideKeys = value }),
        Routing<int>(nameof(RoutingOptions.MaxProvideStreams), static (options, value) => options with { MaxProvideStreams = value }),
        Routing<PeerDiscovery>(nameof(RoutingOptions.Discover), static (options, value) => options with { Discover = value }),
        Routing<bool>(nameof(RoutingOptions.DialDiscovered), static (options, value) => options with { DialDiscovered = value }),
        Routing<IReadOnlyList<string>>(nameof(RoutingOptions.DiscoverOn), static (options, value) => options with { DiscoverOn = value }),
        Routing<int>(nameof(RoutingOptions.MaxDiscoveredPeers), static (options, value) => options with { MaxDiscoveredPeers = value }),

        Http<bool>(nameof(HttpRetrievalOptions.HttpRetrieval), static (options, value) => options with { HttpRetrieval = value }),
        Http<IReadOnlyList<Uri>>(nameof(HttpRetrievalOptions.Gateways), static (options, value) => options with { Gateways = value }),
        Http<int>(nameof(HttpRetrievalOptions.RequestsPerGateway), static (options, value) => options with { RequestsPerGateway = value }),
        Http<TimeSpan>(nameof(HttpRetrievalOptions.GatewayTimeout), static (options, value) => options with { GatewayTimeout = value }),
        Http<int>(nameof(HttpRetrievalOptions.MaxGatewayRedirects), static (options, value) => options with { MaxGatewayRedirects = value }),
        Http<int>(nameof(HttpRetrievalOptions.MaxGatewayFailures), static (options, value) => options with { MaxGatewayFailures = value }),
        Http<TimeSpan>(nameof(HttpRetrievalOptions.MaxGatewayPause), static (options, value) => options with { MaxGatewayPause = value }),
        Http<int>(nameof(HttpRetrievalOptions.MaxCarBytes), static (options, value) => options with { MaxCarBytes = value }),
        Http<int>(nameof(HttpRetrievalOptions.MaxGateways), static (options, value) => options with { MaxGateways = value }),

        Host<IReadOnlyList<SecurityProtocol>>(nameof(Libp2pOptions.SecurityProtocols), static (options, value) => options with { SecurityProtocols = value }),
        Host<string>(nameof(Libp2pOptions.AgentVersion), static (options, value) => options with { AgentVersion = value }),
        Host<bool>(nameof(Libp2pOptions.CheckReachability), static (options, value) => options with { CheckReachability = value }),
        Host<int>(nameof(Libp2pOptions.MaxConnections), static (options, value) => options with { MaxConnections = value }),
        Host<int>(nameof(Libp2pOptions.MaxInboundConnections), static (options, value) => options with { MaxInboundConnections = value }),
        Host<int>(nameof(Libp2pOptions.MaxOutboundConnections), static (options, value) => options with { MaxOutboundConnections = value }),
        Host<int>(nameof(Libp2pOptions.MaxConnectionsPerPeer), static (options, value) => options with { MaxConnectionsPerPeer = value }),
        Host<int>(nameof(Libp2pOptions.MaxPendingInboundHandshakes), static (options, value) => options with { MaxPendingInboundHandshakes = value }),
        Host<int>(nameof(Libp2pOptions.MaxPendingHandshakesPerAddress), static (options, value) => options with { MaxPendingHandshakesPerAddress = value }),
        Host<int>(nameof(Libp2pOptions.MaxPendingHandshakesPerSubnet), static (options, value) => options with { MaxPendingHandshakesPerSubnet = value }),
        Host<int>(nameof(Libp2pOptions.MaxPendingHandshakesOfMachine), static (options, value) => options with { MaxPendingHandshakesOfMachine = value }),
        Host<int>(nameof(Libp2pOptions.MaxInboundConnectionsPerAddress), static (options, value) => options with { MaxInboundConnectionsPerAddress = value }),
        Host<int>(nameof(Libp2pOptions.MaxInboundConnectionsPerSubnet), static (options, value) => options with { MaxInboundConnectionsPerSubnet = value }),
        Host<int>(nameof(Libp2pOptions.MaxInboundConnectionsOfMachine), static (options, value) => options with { MaxInboundConnectionsOfMachine = value }),
        Host<int>(nameof(Libp2pOptions.MaxPendingDials), static (options, value) => options with { MaxPendingDials = value }),
        Host<int>(nameof(Libp2pOptions.MaxAddressesPerDial), static (options, value) => options with { MaxAddressesPerDial = value }),
        Host<int>(nameof(Libp2pOptions.MaxStrangerDialsPerEndPoint), static (options, value) => options with { MaxStrangerDialsPerEndPoint = value }),
        Host<int>(nameof(Libp2pOptions.MaxStrangerDialsPerHost), static (options, value) => options with { MaxStrangerDialsPerHost = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.StrangerDialWindow), static (options, value) => options with { StrangerDialWindow = value }),
        Host<int>(nameof(Libp2pOptions.MaxInboundStreamsPerConnection), static (options, value) => options with { MaxInboundStreamsPerConnection = value }),
        Host<int>(nameof(Libp2pOptions.MaxInboundStreamsPerPeer), static (options, value) => options with { MaxInboundStreamsPerPeer = value }),
        Host<int>(nameof(Libp2pOptions.MaxOutboundStreamsPerConnection), static (options, value) => options with { MaxOutboundStreamsPerConnection = value }),
        Host<long>(nameof(Libp2pOptions.MaxReceiveWindows), static (options, value) => options with { MaxReceiveWindows = value }),
        Host<int>(nameof(Libp2pOptions.MaxProtocols), static (options, value) => options with { MaxProtocols = value }),
        Host<int>(nameof(Libp2pOptions.HighWater), static (options, value) => options with { HighWater = value }),
        Host<int>(nameof(Libp2pOptions.LowWater), static (options, value) => options with { LowWater = value }),
        Host<int>(nameof(Libp2pOptions.NewcomerPlaces), static (options, value) => options with { NewcomerPlaces = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.PruneGracePeriod), static (options, value) => options with { PruneGracePeriod = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.DialTimeout), static (options, value) => options with { DialTimeout = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.HandshakeTimeout), static (options, value) => options with { HandshakeTimeout = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.CrowdedHandshakeTimeout), static (options, value) => options with { CrowdedHandshakeTimeout = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.NegotiationTimeout), static (options, value) => options with { NegotiationTimeout = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.ResolveTimeout), static (options, value) => options with { ResolveTimeout = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.ConnectionAttemptDelay), static (options, value) => options with { ConnectionAttemptDelay = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.IdleTimeout), static (options, value) => options with { IdleTimeout = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.KeepAliveInterval), static (options, value) => options with { KeepAliveInterval = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.PingTimeout), static (options, value) => options with { PingTimeout = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.PingStreamIdleTimeout), static (options, value) => options with { PingStreamIdleTimeout = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.IdentifyTimeout), static (options, value) => options with { IdentifyTimeout = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.StreamLingerTimeout), static (options, value) => options with { StreamLingerTimeout = value }),
        Host<TimeSpan>(nameof(Libp2pOptions.StopTimeout), static (options, value) => options with { StopTimeout = value }),

        Relay<IReadOnlyList<Multiaddr>>(nameof(RelayOptions.RelayServers), static (options, value) => options with { RelayServers = value }),
        Relay<int>(nameof(RelayOptions.MaxConnectionsPerRelay), static (options, value) => options with { MaxConnectionsPerRelay = value }),
        Relay<TimeSpan>(nameof(RelayOptions.RelayRetryDelay), static (options, value) => options with { RelayRetryDelay = value }),
        Relay<TimeSpan>(nameof(RelayOptions.RelayDialDelay), static (options, value) => options with { RelayDialDelay = value }),
        Relay<bool>(nameof(RelayOptions.Relay), static (options, value) => options with { Relay = value }),
        Relay<IReadOnlyList<PeerId>>(nameof(RelayOptions.RelayPeers), static (options, value) => options with { RelayPeers = value }),
        Relay<int>(nameof(RelayOptions.MaxRelayReservations), static (options, value) => options with { MaxRelayReservations = value }),
        Relay<int>(nameof(RelayOptions.MaxRelayReservationsPerAddress), static (options, value) => options with { MaxRelayReservationsPerAddress = value }),
        Relay<int>(nameof(RelayOptions.MaxRelayReservationsPerSubnet), static (options, value) => options with { MaxRelayReservationsPerSubnet = value }),
        Relay<int>(nameof(RelayOptions.MaxRelayReservationsOfMachine), static (options, value) => options with { MaxRelayReservationsOfMachine = value }),
        Relay<TimeSpan>(nameof(RelayOptions.RelayReservationTime), static (options, value) => options with { RelayReservationTime = value }),
        Relay<int>(nameof(RelayOptions.MaxRelayCircuits), static (options, value) => options with { MaxRelayCircuits = value }),
        Relay<int>(nameof(RelayOptions.MaxRelayCircuitsPerPeer), static (options, value) => options with { MaxRelayCircuitsPerPeer = value }),
        Relay<TimeSpan>(nameof(RelayOptions.MaxRelayCircuitTime), static (options, value) => options with { MaxRelayCircuitTime = value }),
        Relay<long>(nameof(RelayOptions.MaxRelayCircuitBytes), static (options, value) => options with { MaxRelayCircuitBytes = value }),
    ];

    private static Entry Node<T>(string name, Func<NodeOptions, T, NodeOptions> set) => new(name, (options, value) => set(options, Convert<T>(name, value)));

    private static Entry Engine<T>(string name, Func<EngineOptions, T, EngineOptions> set) =>
        Node<T>(name, (options, value) => options with { Engine = set(options.Engine, value) });

    private static Entry Wire<T>(string name, Func<WireLimits, T, WireLimits> set) =>
        Node<T>(name, (options, value) => options with { Wire = set(options.Wire, value) });

    private static Entry Routing<T>(string name, Func<RoutingOptions, T, RoutingOptions> set) =>
        Node<T>(name, (options, value) => options with { Routing = set(options.Routing, value) });

    private static Entry Http<T>(string name, Func<HttpRetrievalOptions, T, HttpRetrievalOptions> set) =>
        Node<T>(name, (options, value) => options with { Http = set(options.Http, value) });

    private static Entry Host<T>(string name, Func<Libp2pOptions, T, Libp2pOptions> set) => Node<T>(
        name,
        (options, value) =>
        {
            // The host's options are made when the node has an identity; a value out of range is refused here.
            set(new Libp2pOptions { Identity = PrivateKey.Generate() }, value);
            Func<Libp2pOptions, Libp2pOptions>? before = options.ConfigureHost;
            return options with { ConfigureHost = host => set(before is null ? host : before(host), value) };
        });

    private static Entry Relay<T>(string name, Func<RelayOptions, T, RelayOptions> set) =>
        Host<T>(name, (options, value) => options with { Relay = set(options.Relay, value) });

    /// <summary>One option of one room.</summary>
    private sealed record Entry(string Name, Func<NodeOptions, object?, NodeOptions> Set);
}
