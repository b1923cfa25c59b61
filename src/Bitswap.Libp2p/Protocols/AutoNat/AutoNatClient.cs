using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.AutoNat.Wire;
using Bitswap.Libp2p.Reachability;
using Google.Protobuf;

namespace Bitswap.Libp2p.Protocols.AutoNat;

/// <summary>
/// Asks peers to dial an address of this host, and takes their dials in (libp2p specs, autonat/autonat-v2.md). A peer that says that it reached this host is believed only where a
/// new connection brought the random number of the request.
/// </summary>
internal sealed class AutoNatClient
{
    /// <summary>Asks.</summary>
    public const string DialRequestProtocol = "/libp2p/autonat/2/dial-request";

    /// <summary>Brings the number back.</summary>
    public const string DialBackProtocol = "/libp2p/autonat/2/dial-back";

    /// <summary>Streams of the dial back that one peer may have open.</summary>
    public const int MaxPerPeer = 2;

    // go-libp2p, maxMsgSize, dialBackMaxMsgSize, dialBackStreamTimeout
    private const int MaxMessage = 8192;
    private const int MaxDialBack = 1024;

    // the specification: "limited to 4096 bytes in length"
    private const int DataChunk = 4096;

    private static readonly TimeSpan _dialBackTime = TimeSpan.FromSeconds(5);
    private static readonly string[] _ask = [DialRequestProtocol];

    private readonly Libp2pOptions _options;
    private readonly StreamDispatcher _streams;
    private readonly ConnectionLeases _leases;
    private readonly ConcurrentDictionary<ulong, PendingDial> _pending = new();

    public AutoNatClient(Libp2pOptions options, StreamDispatcher streams, ProtocolTable protocols, ConnectionLeases leases)
    {
        _options = options;
        _streams = streams;
        _leases = leases;
        protocols.Set(DialBackProtocol, new ProtocolHandler(DialledBackAsync, MaxPerPeer));
    }

    /// <summary>Asks a peer to dial an address, and waits for what comes of it.</summary>
    /// <param name="server">The connection to the peer.</param>
    /// <param name="address">The address, without a peer id.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>What the peer did, which is never <see cref="CheckOutcome.Failed"/>.</returns>
    /// <exception cref="Libp2pException">
    /// The peer did not serve the request, or what it says is not what was seen: ProtocolNotSupported, ProtocolViolation, LimitExceeded, StreamReset, ConnectionClosed and others.
    /// </exception>
    public async Task<CheckOutcome> AskAsync(Libp2pConnection server, Multiaddr address, CancellationToken ct)
    {
        // a connection that a lookup opened stays as long as its peer is asked
        using ConnectionLease lease = _leases.Take(server.RemotePeer);
        PendingDial request = new(address, _options.Clock.GetTimestamp());
        ulong nonce = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        _pending[nonce] = request;
        try
        {
            CheckOutcome outcome = default;
            Libp2pStream opened = await _streams.OpenAsync(server, _ask, ct).ConfigureAwait(false);
            await opened.UseAsync(async stream =>
            {
                DialResponse response = await ExchangeAsync(new AutoNatFrames(stream.ReadAsync, stream.WriteAsync, MaxMessage), address, nonce, ct).ConfigureAwait(false);
                await stream.CloseWriteAsync(ct).ConfigureAwait(false);
                outcome = await JudgeAsync(response, request, ct).ConfigureAwait(false);
            }).ConfigureAwait(false);
            return outcome;
        }
        finally
        {
            _pending.TryRemove(nonce, out _);
        }
    }

    private async Task<DialResponse> ExchangeAsync(AutoNatFrames frames, Multiaddr address, ulong nonce, CancellationToken ct)
    {
        DialRequest request = new() { Nonce = nonce, Addrs = { ByteString.CopyFrom(address.ToByteArray()) } };
        await frames.WriteAsync(new AutoNatMessage { DialRequest = request }, ct).ConfigureAwait(false);
        AutoNatMessage answer = await frames.ReadAsync(AutoNatMessage.Parser, ct).ConfigureAwait(false);
        if (answer.MsgCase == AutoNatMessage.MsgOneofCase.DialDataRequest)
        {
            await SendDataAsync(frames, answer.DialDataRequest, ct).ConfigureAwait(false);
            answer = await frames.ReadAsync(AutoNatMessage.Parser, ct).ConfigureAwait(false);
        }
        return answer.MsgCase == AutoNatMessage.MsgOneofCase.DialResponse ? answer.DialResponse : throw AutoNatFrames.Malformed($"it is {answer.MsgCase}, and a response is due");
    }

    // what a server asks for that does not know this host by the address, so that it is of no use as an amplifier
    private async Task SendDataAsync(AutoNatFrames frames, DialDataRequest wanted, CancellationToken ct)
    {
        if (wanted.AddrIdx != 0)
        {
            throw AutoNatFrames.Malformed($"it asks for data for address {wanted.AddrIdx} of 1");
        }
        if (wanted.NumBytes > (ulong)_options.Reachability.MaxDialData)
        {
            throw new Libp2pException(
                Libp2pErrorIds.LimitExceeded,
                $"The server asks for {wanted.NumBytes} bytes before it dials, more than {nameof(ReachabilityOptions.MaxDialData)} ({_options.Reachability.MaxDialData}).");
        }
        AutoNatMessage chunk = new() { DialDataResponse = new DialDataResponse { Data = ByteString.CopyFrom(new byte[DataChunk]) } };
        for (int left = (int)wanted.NumBytes; left > 0; left -= DataChunk)
        {
            // the last one may be larger than what is left ("Servers SHOULD allow the last DialDataResponse message ... to be larger")
            await frames.WriteAsync(chunk, ct).ConfigureAwait(false);
        }
    }

    private async Task<CheckOutcome> JudgeAsync(DialResponse response, PendingDial request, CancellationToken ct)
    {
        switch (response.Status)
        {
            case DialResponse.Types.ResponseStatus.EDialRefused:
                return CheckOutcome.Refused;
            case DialResponse.Types.ResponseStatus.Ok when response.AddrIdx != 0:
                throw AutoNatFrames.Malformed($"it is about address {response.AddrIdx} of 1");
            case DialResponse.Types.ResponseStatus.Ok:
                break;
            default:
                throw new Libp2pException(Libp2pErrorIds.LimitExceeded, $"The server did not serve the request: {response.Status}.");
        }
        switch (response.DialStatus)
        {
            case DialStatus.Ok:
            case DialStatus.EDialBackError:
                // that the number came is what counts; the server may not have heard that it did
                return await request.CameBackAsync(_dialBackTime, _options.Clock, ct).ConfigureAwait(false)
                    ? CheckOutcome.Reached
                    : throw AutoNatFrames.Malformed($"it says {response.DialStatus}, and no new connection brought the number of the request");
            case DialStatus.EDialError when request.HasComeBack:
                throw AutoNatFrames.Malformed("it says that the dial failed, and a connection brought the number of the request");
            case DialStatus.EDialError:
                return CheckOutcome.NotReached;
            default:
                throw AutoNatFrames.Malformed($"it has no such status: {response.DialStatus}");
        }
    }

    private async Task DialledBackAsync(Libp2pStream stream, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(_dialBackTime, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        AutoNatFrames frames = new(stream.ReadAsync, stream.WriteAsync, MaxDialBack);
        DialBack message = await frames.ReadAsync(DialBack.Parser, either.Token).ConfigureAwait(false);
        if (!_pending.TryGetValue(message.Nonce, out PendingDial? request))
        {
            throw AutoNatFrames.Malformed("no request has the number that it brings");
        }
        request.Note(stream.Connection, _options.Clock);
        await frames.WriteAsync(new DialBackResponse { Status = DialBackResponse.Types.DialBackStatus.Ok }, either.Token).ConfigureAwait(false);
        await stream.CloseWriteAsync(either.Token).ConfigureAwait(false);
    }

    /// <summary>Represents a request that waits for its number to come back.</summary>
    private sealed class PendingDial(Multiaddr address, long since)
    {
        private readonly TaskCompletionSource _back = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Gets whether it came.</summary>
        public bool HasComeBack => _back.Task.IsCompleted;

        /// <summary>Takes a number in that came over a connection: it counts where the connection is a new one from there, over what the address names.</summary>
        public void Note(Libp2pConnection connection, TimeProvider clock)
        {
            if (connection.Direction == ConnectionDirection.Inbound
                && connection.Age <= clock.GetElapsedTime(since)
                && connection.LocalAddress.Components.Select(part => part.Protocol).SequenceEqual(address.Components.Select(part => part.Protocol)))
            {
                _back.TrySetResult();
            }
        }

        /// <summary>Waits for it.</summary>
        public async Task<bool> CameBackAsync(TimeSpan patience, TimeProvider clock, CancellationToken ct)
        {
            try
            {
                await _back.Task.WaitAsync(patience, clock, ct).ConfigureAwait(false);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }
    }
}
