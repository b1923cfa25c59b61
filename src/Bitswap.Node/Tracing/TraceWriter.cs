using System.Buffers;
using System.Text.Json;
using Bitswap.Node.Observability;

namespace Bitswap.Node.Tracing;

/// <summary>
/// Writes observations as JSON lines: one object a line, UTF-8, ended by a line feed. What is at its default is left out.
/// <see cref="TraceReader"/> reads them back.
/// </summary>
/// <param name="output">Where the lines go.</param>
public sealed class TraceWriter(IBufferWriter<byte> output) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(output);

    /// <summary>Writes one line.</summary>
    public void Write(NodeObservation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        _json.WriteStartObject();
        _json.WriteString(TraceNames.Time, observation.Time.UtcDateTime);
        switch (observation)
        {
            case MessageObservation message:
                Write(message);
                break;
            case DeliveryObservation delivery:
                Kind(delivery.IsDelivered ? TraceNames.Delivered : TraceNames.Failed);
                Peer(delivery.Peer);
                _json.WriteNumber(TraceNames.Id, delivery.Id);
                Write(delivery.Blocks);
                break;
            case PeerObservation peer:
                Kind(peer.Version is null ? TraceNames.Disconnected : TraceNames.Connected);
                Peer(peer.Peer);
                if (peer.Version is { } version)
                {
                    _json.WriteString(TraceNames.Protocol, BitswapProtocolIds.ToId(version));
                }

                break;
            case BlockObservation block:
                Kind(TraceNames.Block);
                Peer(block.Peer);
                Cid(block.Cid);
                _json.WriteNumber(TraceNames.Size, block.Size);
                break;
            case WantObservation want:
                Write(want);
                break;
            case WantEndObservation end:
                Kind(TraceNames.Ended);
                _json.WriteNumber(TraceNames.Id, end.WantId);
                Cid(end.Cid);
                _json.WriteString(TraceNames.Outcome, end.Outcome ?? TraceNames.Received);
                if (end.From is { } from)
                {
                    Peer(from);
                }

                break;
            case CorruptionObservation corruption:
                Kind(TraceNames.Corrupt);
                Cid(corruption.Cid);
                _json.WriteString(TraceNames.Reason, corruption.Reason);
                break;
            case LossObservation loss:
                Kind(TraceNames.Lost);
                _json.WriteNumber(TraceNames.Count, loss.Count);
                break;
            case TraceStartObservation start:
                Kind(TraceNames.Start);
                _json.WriteNumber(TraceNames.Format, start.Format);
                _json.WriteString(TraceNames.Node, start.Node.ToString());
                break;
            default:
                throw new ArgumentException($"A trace has no form for {observation.GetType().Name}.", nameof(observation));
        }

        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        output.Write("\n"u8);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void Kind(string kind) => _json.WriteString(TraceNames.Kind, kind);

    private void Peer(PeerId peer) => _json.WriteString(TraceNames.Peer, peer.ToString());

    private void Cid(Cid cid) => _json.WriteString(TraceNames.Cid, cid.ToString());

    private void Write(MessageObservation message)
    {
        Kind(TraceNames.Message);
        Peer(message.Peer);
        _json.WriteString(TraceNames.Direction, message.IsSent ? TraceNames.Sent : TraceNames.Received);
        if (message.IsSent)
        {
            _json.WriteNumber(TraceNames.Id, message.Id);
        }

        if (message.Full)
        {
            _json.WriteBoolean(TraceNames.Full, true);
        }

        if (message.Entries.Count > 0)
        {
            _json.WriteStartArray(TraceNames.Entries);
            foreach (WantlistEntry entry in message.Entries)
            {
                Write(entry);
            }

            _json.WriteEndArray();
        }

        Write(message.Blocks);
        if (message.Presences.Count > 0)
        {
            _json.WriteStartArray(TraceNames.Presences);
            foreach (BlockPresence presence in message.Presences)
            {
                _json.WriteStartObject();
                Cid(presence.Cid);
                _json.WriteString(TraceNames.Type, presence.Type == PresenceType.Have ? TraceNames.Have : TraceNames.DontHave);
                _json.WriteEndObject();
            }

            _json.WriteEndArray();
        }

        if (message.PendingBytes != 0)
        {
            _json.WriteNumber(TraceNames.PendingBytes, message.PendingBytes);
        }
    }

    private void Write(in WantlistEntry entry)
    {
        _json.WriteStartObject();
        Cid(entry.Cid);
        if (entry.Cancel)
        {
            _json.WriteBoolean(TraceNames.Cancel, true);
        }
        else
        {
            _json.WriteString(TraceNames.Type, entry.Type == WantType.Have ? TraceNames.Have : TraceNames.Block);
            _json.WriteNumber(TraceNames.Priority, entry.Priority);
            if (entry.SendDontHave)
            {
                _json.WriteBoolean(TraceNames.SendDontHave, true);
            }
        }

        _json.WriteEndObject();
    }

    private void Write(IReadOnlyList<BlockSummary> blocks)
    {
        if (blocks.Count == 0)
        {
            return;
        }

        _json.WriteStartArray(TraceNames.Blocks);
        foreach (BlockSummary block in blocks)
        {
            _json.WriteStartObject();
            Cid(block.Cid);
            _json.WriteNumber(TraceNames.Size, block.Size);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void Write(WantObservation want)
    {
        Kind(TraceNames.Want);
        _json.WriteNumber(TraceNames.Id, want.WantId);
        Cid(want.Cid);
        _json.WriteString(TraceNames.Type, want.Type == WantType.Have ? TraceNames.Have : TraceNames.Block);
        _json.WriteNumber(TraceNames.Priority, want.Priority);
        if (want.Session != 0)
        {
            _json.WriteNumber(TraceNames.Session, want.Session);
        }

        if (want.OnlyPeers is { } only)
        {
            _json.WriteStartArray(TraceNames.OnlyPeers);
            foreach (PeerId peer in only)
            {
                _json.WriteStringValue(peer.ToString());
            }

            _json.WriteEndArray();
        }

        if (want.SkipsStore)
        {
            _json.WriteBoolean(TraceNames.SkipsStore, true);
        }
    }
}
