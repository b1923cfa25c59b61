using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Security.Cryptography;
using System.Text;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Node.Observability;
using Bitswap.Node.Routing;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Starts a node; it listens when it is returned.</summary>
[Cmdlet(VerbsLifecycle.Start, "BitswapNode", DefaultParameterSetName = "Listen", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapNode))]
public sealed partial class StartBitswapNodeCommand : BitswapCmdlet
{
    /// <summary>A repository folder that keeps the identity, the blocks and the settings of -Save. Without it all is in memory and gone with the node.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Where the blocks are: Memory, a folder of flat files such as the blocks folder of Kubo, or an object derived from [Bitswap.Blockstore].</summary>
    [Parameter]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public object? BlockStore { get; set; }

    /// <summary>Makes the folder that -BlockStore names where it is not there.</summary>
    [Parameter]
    public SwitchParameter CreateStore { get; set; }

    /// <summary>Addresses to listen on. By default 127.0.0.1 alone, on any free port: nothing is exposed until you say so.</summary>
    [Parameter(ParameterSetName = "Listen")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ListenAddressCompleter))]
    public MultiaddrArgument[]? ListenAddress { get; set; }

    /// <summary>A network of New-BitswapTestNetwork, in place of the machine's: the node reaches the nodes on it and no others.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Network")]
    [ValidateNotNull]
    public BitswapTestNetwork? Network { get; set; }

    /// <summary>Peers to dial at the start and again whenever they are lost.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AddressCompleter))]
    public MultiaddrArgument[]? Peer { get; set; }

    /// <summary>
    /// Routers such as https://delegated-ipfs.dev, servers that are asked who has what no connected peer has; the node then connects to those they name. A
    /// router learns what is looked for.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RouterCompleter))]
    public Uri[]? Router { get; set; }

    /// <summary>
    /// Trustless gateways such as https://gateway.example, servers that are asked for blocks over HTTP, as peers are by Bitswap. Every block is verified. A gateway learns
    /// what is looked for, and by http:// so does everyone on the way.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public Uri[]? Gateway { get; set; }

    /// <summary>
    /// Joins the public network of IPFS: asks its public router and its DHT who has what no connected peer has, and fetches over HTTP from providers that offer it. -Router
    /// takes the place of the router, and the option DhtBootstrap that of the peers the DHT begins at; an empty one leaves the DHT out, and HttpRetrieval = $false leaves HTTP out. With -Verbose, who is asked is written. Those who are asked learn what is looked for.
    /// </summary>
    [Parameter(ParameterSetName = "Listen")]
    public SwitchParameter Public { get; set; }

    /// <summary>
    /// The key of a private network: the path of a file as Kubo's swarm.key, or the lines of such a file. The node then connects only with peers that have the same key. @() leaves out a key
    /// that the repository keeps.
    /// </summary>
    [Parameter(ParameterSetName = "Listen")]
    [ValidateNotNull]
    public string[]? SwarmKey { get; set; }

    /// <summary>
    /// Relays connections (circuit relay v2) for peers that others cannot dial: within the limits of the options whose names begin with MaxRelay, and for the peers of the option
    /// RelayPeers alone where it names any. To be reached through a relay, use the option RelayServers.
    /// </summary>
    [Parameter(ParameterSetName = "Listen")]
    public SwitchParameter Relay { get; set; }

    /// <summary>An Ed25519 private key in libp2p's own form: bytes, or base64 as in the configuration of Kubo.</summary>
    [Parameter]
    public object? PrivateKey { get; set; }

    /// <summary>A text that the identity is made of, so that it is the same each time. For tests: who knows the text has the key.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Seed { get; set; }

    /// <summary>The Bitswap versions spoken, best first: 1.2.0, 1.1.0, 1.0.0, Unversioned.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProtocolVersionCompleter))]
    public string[]? ProtocolVersion { get; set; }

    /// <summary>Serves nothing: the node fetches only.</summary>
    [Parameter]
    public SwitchParameter ClientOnly { get; set; }

    /// <summary>
    /// Decides what a peer may have: a script block that is given the peer's id and the CID, { param($peer, $cid) ... }, and says $true or $false. It runs in
    /// a runspace of its own and sees of your variables what it names with $using:. One that fails, or takes longer than the option FilterTimeout,
    /// denies; a denied peer is told that the block is not here.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Filter { get; set; }

    /// <summary>
    /// A file that the node logs to: a line an event with the time in UTC, the level, the number of its kind and the message. What is there stays. A file that is full is
    /// followed by another with a number in its name, and the oldest is removed; see the options MaxLogFileBytes and MaxLogFiles.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>The least important events that the file of -LogPath holds, Information by default.</summary>
    [Parameter]
    [ValidateSet("Trace", "Debug", "Information", "Warning", "Error", "Critical")]
    public string LogLevel { get; set; } = "Information";

    /// <summary>
    /// Keeps the settings of this start in the repository, in settings.json, for the next: what is given as a parameter comes before what is kept there, and is added to it. A
    /// key, a seed, a script and an object are not kept.
    /// </summary>
    [Parameter]
    public SwitchParameter Save { get; set; }

    /// <summary>Limits and habits by name, such as @{ MaxConnections = 64 }. Times are TimeSpan or seconds.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(OptionCompleter))]
    public StartOptions? Option { get; set; }

    /// <summary>A name for the node in this process; by default node1, node2, ....</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    private protected override void Process()
    {
        NodeSettings? settings = Recall();
        if (LogPath is null && Given(nameof(LogLevel)))
        {
            throw new FaultException(Faults.NoLogToLevel(LogLevel));
        }

        if (LogPath is null && settings?.LogLevel is { } level)
        {
            WriteWarning($"{NodeSettings.FileName} of the repository has the LogLevel {level} and no LogPath, so no log is written. Set the file with -LogPath.");
        }

        CheckName();
        NodeOptions options = Configure();
        if (!ShouldProcess(Name ?? Path ?? "A node", "Start node"))
        {
            return;
        }

        FilterScript? filter = Filter is null ? null : new FilterScript(Filter, name => GetVariableValue(name));
        options = options with { LogListener = Log?.Listener, Filter = filter is null ? null : filter.AllowsAsync };
        string name = NodeRegistry.Reserve(Name);
        StoreChoice? store = null;
        LogFile? file = null;
        BitswapNode? node = null;
        try
        {
            if (LogPath is not null)
            {
                file = options.OpenLog(GetUnresolvedProviderPathFromPSPath(LogPath), LogLevel);
                options = options.LogTo(file);
            }

            store = StoreChoice.From(BlockStore, options, GetUnresolvedProviderPathFromPSPath, CreateStore);
            NodeHost host = PipelineThread.Wait(new ValueTask<NodeHost>(NodeHost.StartAsync(options with { Blockstore = store.Store }, StopToken)));
            Log?.Adopt(host);
            Runspace owner = Runspace.DefaultRunspace;
            node = new BitswapNode(name, host, options.ListenAddresses, owner.InstanceId, store, filter, file) { PrivateNetwork = options.SwarmKeyFingerprint };
            NodeRegistry.Add(node);
            RunspaceWatch.Watch(owner);
            if (Network?.TryAdd(node) == false)
            {
                node.Dispose();
                throw new FaultException(Faults.NetworkClosed(Network));
            }
        }
        catch (ArgumentException exception)
        {
            throw new FaultException(Faults.InvalidOption(exception.ParamName ?? "", exception.Message));
        }
        finally
        {
            if (node is null)
            {
                NodeRegistry.Release(name);
                filter?.Dispose();
                if (store is not null)
                {
                    PipelineThread.Dispose(store);
                }

                if (file is not null)
                {
                    PipelineThread.Dispose(file);
                }
            }
        }

        foreach ((Multiaddr address, string transport) in options.UndialablePeers)
        {
            WriteWarning($"The peer at {address} cannot be dialled: it needs {transport}, and this module supports only TCP and WebSockets.");
        }

        foreach (Multiaddr own in options.Peers.Where(address => node.PeerId.Equals(address.PeerId)))
        {
            WriteWarning($"{own} is the address of this node, and is not dialled.");
        }

        if (options.Routing.Provide != ProvideStrategy.None && node.Host.IsBeyondReach)
        {
            WriteWarning($"{node.Name} listens only on addresses of this machine, so that peers elsewhere are not told what it has. Use -ListenAddress, for example /ip4/0.0.0.0/tcp/4001.");
        }

        WarnOfDiscovery(node, options);
        if (Relay && node.Host.IsMachineOnly)
        {
            WriteWarning($"{node.Name} listens only on addresses of this machine, so that it relays for peers on it alone. Use -ListenAddress, for example /ip4/0.0.0.0/tcp/4001.");
        }

        foreach (string warning in node.Host.Warnings)
        {
            WriteWarning(warning);
        }

        if (Save)
        {
            Keep(settings!, options);
        }

        if (options.SwarmKeyFingerprint is { } fingerprint)
        {
            WriteVerbose($"{node.Name} is in the private network whose swarm key has the fingerprint {fingerprint}.");
        }

        WriteVerbose($"{node.Name} is {node.PeerId} and listens on {string.Join(", ", node.Addresses)}");
        if (Public)
        {
            WriteVerbose($"{node.Name} asks these for providers, and they learn what it looks for: {PublicNetwork.Describe(options.Routing, options.Http)}");
        }

        WriteObject(node);
    }

    private bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    // a path in the place of the name would start a node that keeps nothing
    private void CheckName()
    {
        if (Name is null)
        {
            return;
        }

        if (Name.AsSpan().ContainsAny('/', '\\'))
        {
            throw new FaultException(Faults.NameIsPath(Name));
        }

        if (Path is null && FilePaths.IsPath(this, Name + System.IO.Path.DirectorySeparatorChar))
        {
            WriteWarning($"'{Name}' is the name of the node, and its blocks are in memory. To use the folder of that name, use Start-BitswapNode -Path {Name}");
        }
    }

    private NodeOptions Configure()
    {
        NodeOptions options = new() { Path = Path is null ? null : GetUnresolvedProviderPathFromPSPath(Path) };
        if (ListenAddress is not null)
        {
            options = options with { ListenAddresses = [.. ListenAddress.SelectMany(argument => argument.Resolve())] };
        }

        if (Network is not null)
        {
            Network.EnsureOpen();
            options = options.OnMemoryNetwork(Network.Memory);
        }

        if (Peer is not null)
        {
            options = options with { Peers = [.. Peer.SelectMany(argument => argument.Resolve())] };
        }

        if (Public)
        {
            options = options with { Routing = PublicNetwork.Join(options.Routing), Http = PublicNetwork.Join(options.Http) };
        }

        if (Router is not null)
        {
            options = options with { Routing = options.Routing with { Routers = [.. Router.Distinct().Select(RouterUri.Check)] } };
        }

        if (Gateway is not null)
        {
            options = options with { Http = options.Http with { Gateways = [.. Gateway.Distinct().Select(GatewayUri.Check)] } };
        }

        if (ProtocolVersion is not null)
        {
            options = options with { ProtocolVersions = [.. ProtocolVersion.Select(ProtocolVersions.Parse)] };
        }

        // without peers a fetch ends at once, unless peers are being dialled
        options = options with { Engine = options.Engine with { ClientOnly = ClientOnly, FailFastWithoutPeers = Peer is null && Gateway is null && !IsLooking } };
        options = Enclose(Identify(Look(options)));
        if (Relay)
        {
            options = NodeOptionTable.Set(options, nameof(Relay), true);
        }

        foreach (DictionaryEntry entry in Option ?? new StartOptions())
        {
            string option = entry.Key.ToString() ?? "";
            if (!NodeOptionTable.Names.Contains(option, StringComparer.OrdinalIgnoreCase))
            {
                throw new FaultException(Faults.UnknownOption(option));
            }

            try
            {
                options = NodeOptionTable.Set(options, option, Unwrap.Base(entry.Value));
            }
            catch (ArgumentException exception)
            {
                throw new FaultException(Faults.InvalidOption(option, exception.Message));
            }
        }

        return options;
    }

    private NodeOptions Identify(NodeOptions options)
    {
        if (PrivateKey is null && Seed is null)
        {
            return options;
        }

        if (PrivateKey is not null && Seed is not null)
        {
            throw new FaultException(Faults.InvalidKey("-PrivateKey and -Seed exclude each other."));
        }

        try
        {
            return Seed is not null
                ? options.WithIdentitySeed(SHA256.HashData(Encoding.UTF8.GetBytes(Seed)))
                : options.WithPrivateKey(Unwrap.Base(PrivateKey) switch
                {
                    byte[] bytes => bytes,
                    object[] parts when Array.TrueForAll(parts, part => Unwrap.Base(part) is byte) => Array.ConvertAll(parts, part => (byte)Unwrap.Base(part)!),
                    string text => System.Convert.FromBase64String(text),
                    _ => throw new FormatException("it is neither bytes nor base64."),
                });
        }
        catch (FormatException exception)
        {
            throw new FaultException(Faults.InvalidKey(exception.Message));
        }
    }
}
