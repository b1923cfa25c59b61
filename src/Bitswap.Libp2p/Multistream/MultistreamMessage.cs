using System.Buffers;
using System.Text;
using Bitswap.Libp2p.Errors;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Libp2p.Multistream;

/// <summary>Reads and writes the messages of multistream-select 1.0: a varint length, a text, a newline that the length includes (multistream-select README).</summary>
internal static class MultistreamMessage
{
    /// <summary>The largest message, its newline included; go-multistream and js-libp2p take no more.</summary>
    public const int MaxLength = 1024;

    /// <summary>The end of every message.</summary>
    public const byte NewLine = (byte)'\n';

    /// <summary>Gets the greeting that both sides begin with.</summary>
    public static ReadOnlySpan<byte> Header => "/multistream/1.0.0"u8;

    /// <summary>Gets the answer to a protocol that is not spoken.</summary>
    public static ReadOnlySpan<byte> NotAvailable => "na"u8;

    /// <summary>Gets the request to list what is spoken.</summary>
    public static ReadOnlySpan<byte> List => "ls"u8;

    /// <summary>Returns the text of <paramref name="protocol"/> as it goes into a message.</summary>
    /// <exception cref="ArgumentException">It is empty, has a newline, or is longer than a message may be.</exception>
    public static byte[] Encode(string protocol)
    {
        ArgumentException.ThrowIfNullOrEmpty(protocol);
        byte[] text = Encoding.UTF8.GetBytes(protocol);
        if (text.Length + 1 > MaxLength || text.Contains(NewLine))
        {
            throw new ArgumentException($"'{protocol}' cannot be a protocol id: it has a newline or more than {MaxLength - 1} bytes.", nameof(protocol));
        }
        return text;
    }

    /// <summary>Appends a message that says <paramref name="text"/>.</summary>
    public static void Append(IBufferWriter<byte> writer, ReadOnlySpan<byte> text)
    {
        int length = text.Length + 1;
        Span<byte> span = writer.GetSpan(Varint.MaxLength + length);
        int prefix = Varint.Write(span, (ulong)length);
        text.CopyTo(span[prefix..]);
        span[prefix + text.Length] = NewLine;
        writer.Advance(prefix + length);
    }

    /// <summary>Returns whether <paramref name="reply"/> grants <paramref name="proposal"/>; false when it refuses it.</summary>
    /// <exception cref="Libp2pException">NegotiationFailed: it does neither.</exception>
    public static bool IsGranted(ReadOnlySpan<byte> reply, ReadOnlySpan<byte> proposal)
    {
        if (reply.SequenceEqual(proposal))
        {
            return true;
        }
        return reply.SequenceEqual(NotAvailable)
            ? false
            : throw Failed($"the other side answers '{Printable(reply)}' to the proposal of '{Printable(proposal)}'");
    }

    /// <summary>Returns the error of a negotiation that cannot go on.</summary>
    public static Libp2pException Failed(string what) =>
        new(Libp2pErrorIds.NegotiationFailed, $"The protocol negotiation failed: {what}.");

    /// <summary>Returns foreign bytes as they may go into an error message: short, and nothing that moves a cursor.</summary>
    public static string Printable(ReadOnlySpan<byte> text)
    {
        const int MaxShown = 64;
        string shown = Encoding.ASCII.GetString(text[..Math.Min(text.Length, MaxShown)]);
        return string.Create(shown.Length, shown, (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        }) + (text.Length > MaxShown ? "..." : "");
    }
}
