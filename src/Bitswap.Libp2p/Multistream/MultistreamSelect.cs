using System.Buffers;
using System.Text;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Multistream;

/// <summary>
/// Agrees on the protocol of a connection or stream as multistream-select 1.0 does: the dialer proposes one protocol after another, the
/// listener echoes the one it speaks and answers <c>na</c> to the others.
/// Neither side reads a byte beyond the last message, so what was sent right behind it is there for the protocol.
/// A negotiation that fails or is cancelled leaves the channel in the middle of a message: its owner resets it.
/// </summary>
internal static class MultistreamSelect
{
    /// <summary>Proposes <paramref name="protocols"/> in order, the greeting and the first of them in one write.</summary>
    /// <returns>The first that the other side grants.</returns>
    /// <exception cref="Libp2pException">ProtocolNotSupported: it refuses them all. NegotiationFailed: it breaks the rules or ends.</exception>
    public static async ValueTask<string> SelectAsync(IByteChannel channel, IReadOnlyList<string> protocols, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentOutOfRangeException.ThrowIfZero(protocols.Count, nameof(protocols));
        using MultistreamReader reader = new(channel);
        ArrayBufferWriter<byte> outgoing = new(128);
        MultistreamMessage.Append(outgoing, MultistreamMessage.Header);
        for (int i = 0; i < protocols.Count; i++)
        {
            byte[] proposal = MultistreamMessage.Encode(protocols[i]);
            MultistreamMessage.Append(outgoing, proposal);
            await channel.WriteAsync(outgoing.WrittenMemory, ct).ConfigureAwait(false);
            outgoing.ResetWrittenCount();
            if (i == 0)
            {
                await reader.ReadHeaderAsync(ct).ConfigureAwait(false);
            }
            ReadOnlyMemory<byte> reply = await reader.ReadAsync(ct).ConfigureAwait(false);
            if (MultistreamMessage.IsGranted(reply.Span, proposal))
            {
                return protocols[i];
            }
        }
        throw Refused(protocols);
    }

    /// <summary>Answers a dialer until it proposes one of <paramref name="protocols"/>.</summary>
    /// <param name="channel">The channel to agree on.</param>
    /// <param name="protocols">What is spoken here; asked by <c>Contains</c>, and listed in its order to <c>ls</c>.</param>
    /// <param name="options">Limits; <see langword="null"/> for the defaults.</param>
    /// <param name="ct">Ends the negotiation. The caller's time limit comes in here.</param>
    /// <returns>The protocol agreed on.</returns>
    /// <exception cref="Libp2pException">NegotiationFailed: it breaks the rules, or ends. LimitExceeded: it proposes without end.</exception>
    public static async ValueTask<string> AcceptAsync(IByteChannel channel, IReadOnlyCollection<string> protocols, MultistreamOptions? options,
        CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(protocols);
        int left = (options ?? MultistreamOptions.Default).MaxProposals;
        using MultistreamReader reader = new(channel);
        using var cts = CancellationTokenSource.CreateLinkedTokenSource(ct);
        ArrayBufferWriter<byte> outgoing = new(128);
        await reader.ReadHeaderAsync(cts.Token).ConfigureAwait(false);
        MultistreamMessage.Append(outgoing, MultistreamMessage.Header);
        while (true)
        {
            ReadOnlyMemory<byte> text = await SendThenReadAsync(channel, reader, outgoing, cts).ConfigureAwait(false);
            if (--left < 0)
            {
                throw new Libp2pException(Libp2pErrorIds.LimitExceeded,
                    $"The dialer proposes more often than {nameof(MultistreamOptions.MaxProposals)} allows.");
            }
            if (Answer(text.Span, protocols, outgoing) is { } agreed)
            {
                await channel.WriteAsync(outgoing.WrittenMemory, ct).ConfigureAwait(false);
                return agreed;
            }
        }
    }

    /// <summary>Returns the error of a dialer whose proposals were all refused.</summary>
    public static Libp2pException Refused(IReadOnlyList<string> protocols) =>
        new(Libp2pErrorIds.ProtocolNotSupported, $"The other side speaks none of: {string.Join(", ", protocols)}.");

    /// <summary>
    /// Sends what is due and reads the next message. A dialer that sent its proposal along with its greeting is answered in one write;
    /// one that waits for our greeting gets it at once.
    /// </summary>
    private static async ValueTask<ReadOnlyMemory<byte>> SendThenReadAsync(IByteChannel channel, MultistreamReader reader,
        ArrayBufferWriter<byte> outgoing, CancellationTokenSource cts)
    {
        Task<ReadOnlyMemory<byte>> next = reader.ReadAsync(cts.Token).AsTask();
        if (!next.IsCompleted)
        {
            try
            {
                await channel.WriteAsync(outgoing.WrittenMemory, cts.Token).ConfigureAwait(false);
            }
            catch
            {
                // the read still uses the buffer, which goes back to the pool
                await cts.CancelAsync().ConfigureAwait(false);
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
            outgoing.ResetWrittenCount();
        }
        return await next.ConfigureAwait(false);
    }

    private static string? Answer(ReadOnlySpan<byte> text, IReadOnlyCollection<string> protocols, ArrayBufferWriter<byte> outgoing)
    {
        if (text.SequenceEqual(MultistreamMessage.List))
        {
            AppendListing(protocols, outgoing);
            return null;
        }
        string proposed = Encoding.UTF8.GetString(text);
        bool spoken = protocols.Contains(proposed);
        MultistreamMessage.Append(outgoing, spoken ? text : MultistreamMessage.NotAvailable);
        return spoken ? proposed : null;
    }

    // a message that holds a message of its own for every protocol; those that do not fit are left out
    private static void AppendListing(IReadOnlyCollection<string> protocols, ArrayBufferWriter<byte> outgoing)
    {
        ArrayBufferWriter<byte> listing = new();
        foreach (string protocol in protocols)
        {
            byte[] text = MultistreamMessage.Encode(protocol);
            if (listing.WrittenCount + text.Length + 4 > MultistreamMessage.MaxLength)
            {
                break;
            }
            MultistreamMessage.Append(listing, text);
        }
        MultistreamMessage.Append(outgoing, listing.WrittenSpan);
    }
}
