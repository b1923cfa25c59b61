using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Bitswap.Node.Observability;

namespace Bitswap.Node.Tracing;

/// <summary>Reads what <see cref="TraceWriter"/> wrote.</summary>
public static class TraceReader
{
    /// <summary>The longest line read: a message has at most 4 MiB, and its text a few times that.</summary>
    public const int MaxLineLength = 32 << 20;

    /// <summary>Reads a trace, line by line. Lines of a kind that is not known are passed over, so that a later version's can be read.</summary>
    /// <param name="stream">The trace; it is left open.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="BitswapException"><c>InvalidTrace</c>, with the number of the line.</exception>
    public static async IAsyncEnumerable<NodeObservation> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        PipeReader pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        int number = 0;
        try
        {
            while (true)
            {
                ReadResult read = await pipe.ReadAsync(cancellationToken).ConfigureAwait(false);
                ReadOnlySequence<byte> rest = read.Buffer;
                while (TryTakeLine(ref rest, read.IsCompleted, out ReadOnlySequence<byte> line))
                {
                    number++;
                    if (Parse(line, number) is { } observation)
                    {
                        yield return observation;
                    }
                }

                if (rest.Length > MaxLineLength)
                {
                    throw NodeErrors.InvalidTrace(number + 1, $"it is longer than {MaxLineLength} bytes", null);
                }

                pipe.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> rest, bool isLast, out ReadOnlySequence<byte> line)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            line = rest.Slice(0, end);
            rest = rest.Slice(rest.GetPosition(1, end));
            return true;
        }

        line = rest;
        if (!isLast || rest.IsEmpty)
        {
            return false;
        }

        rest = rest.Slice(rest.End);
        return true;
    }

    private static NodeObservation? Parse(ReadOnlySequence<byte> line, int number)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return Parse(document.RootElement);
        }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or OverflowException)
        {
            throw NodeErrors.InvalidTrace(number, failure.Message, failure);
        }
    }

    private static NodeObservation? Parse(JsonElement line)
    {
        DateTimeOffset time = line.GetProperty(TraceNames.Time).GetDateTimeOffset();
        string? kind = line.GetProperty(TraceNames.Kind).GetString();
        return kind switch
        {
            TraceNames.Start => new TraceStartObservation(time, PeerOf(line.GetProperty(TraceNames.Node)), line.GetProperty(TraceNames.Format).GetInt32()),
            TraceNames.Message => Message(time, line),
            TraceNames.Delivered or TraceNames.Failed =>
                new DeliveryObservation(time, Peer(line), line.GetProperty(TraceNames.Id).GetInt64(), kind == TraceNames.Delivered, Blocks(line)),
            TraceNames.Connected => new PeerObservation(time, Peer(line), VersionOf(Text(line, TraceNames.Protocol))),
            TraceNames.Disconnected => new PeerObservation(time, Peer(line), null),
            TraceNames.Block => new BlockObservation(time, Peer(line), CidOf(line), line.GetProperty(TraceNames.Size).GetInt32()),
            TraceNames.Want => new WantObservation(
                time,
                line.GetProperty(TraceNames.Id).GetInt64(),
                CidOf(line),
                WantTypeOf(line),
                line.GetProperty(TraceNames.Priority).GetInt32(),
                line.TryGetProperty(TraceNames.Session, out JsonElement session) ? session.GetInt64() : 0,
                line.TryGetProperty(TraceNames.OnlyPeers, out JsonElement only) ? [.. only.EnumerateArray().Select(PeerOf)] : null,
                line.TryGetProperty(TraceNames.SkipsStore, out JsonElement skips) && skips.GetBoolean()),
            TraceNames.Ended => new WantEndObservation(
                time,
                line.GetProperty(TraceNames.Id).GetInt64(),
                CidOf(line),
                Text(line, TraceNames.Outcome) is var outcome && outcome == TraceNames.Received ? null : outcome,
                line.TryGetProperty(TraceNames.Peer, out JsonElement from) ? PeerOf(from) : null),
            TraceNames.Corrupt => new CorruptionObservation(time, CidOf(line), Text(line, TraceNames.Reason)),
            TraceNames.Lost => new LossObservation(time, line.GetProperty(TraceNames.Count).GetInt64()),
            _ => null,
        };
    }

    private static MessageObservation Message(DateTimeOffset time, JsonElement line) => new(
        time,
        Peer(line),
        Text(line, TraceNames.Direction) switch
        {
            TraceNames.Sent => true,
            TraceNames.Received => false,
            string other => throw new FormatException($"'{other}' is no direction."),
        },
        line.TryGetProperty(TraceNames.Id, out JsonElement id) ? id.GetInt64() : 0,
        IsTrue(line, TraceNames.Full),
        [.. List(line, TraceNames.Entries).Select(Entry)],
        Blocks(line),
        [.. List(line, TraceNames.Presences).Select(presence => new BlockPresence(
            CidOf(presence),
            Text(presence, TraceNames.Type) switch
            {
                TraceNames.Have => PresenceType.Have,
                TraceNames.DontHave => PresenceType.DontHave,
                string other => throw new FormatException($"'{other}' is no presence."),
            }))],
        line.TryGetProperty(TraceNames.PendingBytes, out JsonElement pending) ? pending.GetInt32() : 0);

    private static WantlistEntry Entry(JsonElement entry) =>
        IsTrue(entry, TraceNames.Cancel)
            ? new WantlistEntry(CidOf(entry), 0, true, WantType.Block, false)
            : new WantlistEntry(CidOf(entry), entry.GetProperty(TraceNames.Priority).GetInt32(), false, WantTypeOf(entry), IsTrue(entry, TraceNames.SendDontHave));

    private static BlockSummary[] Blocks(JsonElement line) =>
        [.. List(line, TraceNames.Blocks).Select(block => new BlockSummary(CidOf(block), block.GetProperty(TraceNames.Size).GetInt32()))];

    private static IEnumerable<JsonElement> List(JsonElement line, string name) =>
        line.TryGetProperty(name, out JsonElement list) ? list.EnumerateArray() : [];

    private static bool IsTrue(JsonElement line, string name) => line.TryGetProperty(name, out JsonElement value) && value.GetBoolean();

    private static WantType WantTypeOf(JsonElement line) => Text(line, TraceNames.Type) switch
    {
        TraceNames.Have => WantType.Have,
        TraceNames.Block => WantType.Block,
        string other => throw new FormatException($"'{other}' is no type of want."),
    };

    private static BitswapVersion VersionOf(string protocol) => BitswapProtocolIds.TryFromId(protocol, out BitswapVersion version)
        ? version
        : throw new FormatException($"'{protocol}' is no protocol id of Bitswap.");

    private static PeerId Peer(JsonElement line) => PeerOf(line.GetProperty(TraceNames.Peer));

    private static PeerId PeerOf(JsonElement value) => PeerId.Parse(value.GetString() ?? throw new FormatException("A peer id is null."));

    private static Cid CidOf(JsonElement line) => Cid.Parse(Text(line, TraceNames.Cid));

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null.");
}
