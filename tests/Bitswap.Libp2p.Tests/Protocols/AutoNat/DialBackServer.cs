using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.AutoNat;
using Bitswap.Libp2p.Protocols.AutoNat.Wire;
using Bitswap.Libp2p.Tests.Hosting;

namespace Bitswap.Libp2p.Tests.Protocols.AutoNat;

/// <summary>
/// A server of AutoNAT v2 by the specification, for tests, which can be told to lie. It dials from a host of its own with another key, as go-libp2p does.
/// </summary>
internal sealed class DialBackServer : IAsyncDisposable
{
    private readonly Libp2pHost _dialer;

    private DialBackServer(Libp2pHost host, Libp2pHost dialer)
    {
        Host = host;
        _dialer = dialer;
        host.Handle(AutoNatClient.DialRequestProtocol, ServeAsync);
    }

    public Libp2pHost Host { get; }

    /// <summary>Gets the bytes that it wants before it dials; 0 for none.</summary>
    public ulong DataWanted { get; init; }

    /// <summary>Gets which address it says that it wants them for, and dialled.</summary>
    public uint Index { get; init; }

    /// <summary>Gets what it answers without a dial; null for the truth.</summary>
    public DialResponse? Lie { get; init; }

    /// <summary>Gets what it adds to the number that it brings back.</summary>
    public ulong NonceChange { get; init; }

    /// <summary>Gets whether it brings the number over the connection that is there, in place of a new one.</summary>
    public bool StaysOnConnection { get; init; }

    /// <summary>Gets where it dials in place of what it is asked for.</summary>
    public Multiaddr? Target { get; init; }

    /// <summary>Gets the status of a dial that went well.</summary>
    public DialStatus Success { get; init; } = DialStatus.Ok;

    /// <summary>Gets whether it ends the stream in place of a response.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Gets the bytes that it was sent.</summary>
    public long DataReceived { get; private set; }

    /// <summary>Gets the addresses that it was asked about.</summary>
    public List<Multiaddr> Asked { get; } = [];

    /// <summary>Starts one.</summary>
    /// <param name="make">What it does, given its hosts.</param>
    /// <param name="listen">Where it listens.</param>
    public static async Task<DialBackServer> StartAsync(Func<Libp2pHost, Libp2pHost, DialBackServer>? make = null, string listen = "/ip4/127.0.0.1/tcp/0")
    {
        Libp2pHost host = await TestHosts.StartAsync(options => options with { ListenAddresses = [Multiaddr.Parse(listen)] });
        Libp2pHost dialer = await Libp2pHost.StartAsync(new Libp2pOptions { Identity = PrivateKey.Generate() });
        return make?.Invoke(host, dialer) ?? new DialBackServer(host, dialer);
    }

    /// <summary>Starts one that lies.</summary>
    public static Task<DialBackServer> StartAsync(DialResponse lie, string listen = "/ip4/127.0.0.1/tcp/0") =>
        StartAsync((host, dialer) => new DialBackServer(host, dialer) { Lie = lie }, listen);

    public static DialBackServer Make(Libp2pHost host, Libp2pHost dialer, ulong data = 0, uint index = 0, ulong nonceChange = 0, bool stays = false, Multiaddr? target = null, DialStatus success = DialStatus.Ok, bool isSilent = false) =>
        new(host, dialer)
        {
            DataWanted = data,
            Index = index,
            NonceChange = nonceChange,
            StaysOnConnection = stays,
            Target = target,
            Success = success,
            IsSilent = isSilent,
        };

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _dialer.DisposeAsync();
    }

    private async Task ServeAsync(Libp2pStream stream, CancellationToken ct)
    {
        AutoNatFrames frames = new(stream.ReadAsync, stream.WriteAsync, 8192);
        DialRequest request = (await frames.ReadAsync(AutoNatMessage.Parser, ct)).DialRequest;
        Multiaddr address = Multiaddr.FromBytes(Assert.Single(request.Addrs).Span);
        lock (Asked)
        {
            Asked.Add(address);
        }
        if (DataWanted > 0)
        {
            await frames.WriteAsync(new AutoNatMessage { DialDataRequest = new DialDataRequest { AddrIdx = Index, NumBytes = DataWanted } }, ct);
            while (DataReceived < (long)DataWanted)
            {
                int chunk = (await frames.ReadAsync(AutoNatMessage.Parser, ct)).DialDataResponse.Data.Length;
                Assert.InRange(chunk, 1, 4096);
                DataReceived += chunk;
            }
        }
        if (IsSilent)
        {
            return;
        }
        DialResponse response = Lie ?? new DialResponse
        {
            Status = DialResponse.Types.ResponseStatus.Ok,
            AddrIdx = Index,
            DialStatus = await DialAsync(stream, Target ?? address, request.Nonce + NonceChange, ct),
        };
        await frames.WriteAsync(new AutoNatMessage { DialResponse = response }, ct);
    }

    private async Task<DialStatus> DialAsync(Libp2pStream asked, Multiaddr address, ulong nonce, CancellationToken ct)
    {
        Libp2pStream stream;
        try
        {
            Libp2pConnection connection = StaysOnConnection ? asked.Connection : await _dialer.ConnectAsync([address], ct);
            stream = await (StaysOnConnection ? Host : _dialer).OpenStreamAsync(connection.RemotePeer, [AutoNatClient.DialBackProtocol], ct);
        }
        catch (Libp2pException)
        {
            return DialStatus.EDialError;
        }
        try
        {
            await using (stream)
            {
                AutoNatFrames frames = new(stream.ReadAsync, stream.WriteAsync, 1024);
                await frames.WriteAsync(new DialBack { Nonce = nonce }, ct);
                await frames.ReadAsync(DialBackResponse.Parser, ct);
            }
            return Success;
        }
        catch (Libp2pException)
        {
            // who lies says that all went well
            return NonceChange != 0 ? DialStatus.Ok : DialStatus.EDialBackError;
        }
        finally
        {
            if (!StaysOnConnection)
            {
                await _dialer.DisconnectAsync(asked.RemotePeer, ct: ct);
            }
        }
    }
}
