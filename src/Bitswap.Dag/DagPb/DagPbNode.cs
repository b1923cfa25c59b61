using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Dag.DagPb;

/// <summary>
/// Represents a dag-pb node: links and data (ipld.io/specs/codecs/dag-pb). Decoding is strict, so that a node has one encoding: fields that the schema
/// does not name, repeated or out of order, of another type, or links without a hash are refused. Two liberties are the specification's: the
/// data may come before the links, and links may be badly ordered; both come out in canonical order when the node is encoded.
/// </summary>
public sealed class DagPbNode
{
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly IReadOnlyList<DagPbLink> _sorted;
    private int _encodedLength = -1;

    /// <summary>Makes a node.</summary>
    /// <param name="links">The links. Encoding orders them by name; those of one name keep their order.</param>
    /// <param name="data">The data, or null for none, which is another node than one with empty data. It is not copied.</param>
    public DagPbNode(IReadOnlyList<DagPbLink> links, ReadOnlyMemory<byte>? data)
    {
        ArgumentNullException.ThrowIfNull(links);
        Links = links;
        Data = data.GetValueOrDefault();
        HasData = data.HasValue;
        _sorted = IsSorted(links) ? links : [.. links.Order(DagPbNameOrder.Instance)];
    }

    /// <summary>Gets the links, in the order in which they were given or decoded.</summary>
    public IReadOnlyList<DagPbLink> Links { get; }

    /// <summary>Gets the data; of a decoded node a part of the block, not a copy.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Gets whether there is data at all, be it empty.</summary>
    public bool HasData { get; }

    /// <summary>Gets whether the links are in the order of their names.</summary>
    internal bool IsOrdered => ReferenceEquals(_sorted, Links);

    /// <summary>Gets how many bytes the encoded node takes.</summary>
    /// <exception cref="DagException"><c>InvalidDagPb</c>: a name is no Unicode text.</exception>
    /// <exception cref="OverflowException">It would take more than 2 GiB.</exception>
    public int EncodedLength => _encodedLength >= 0 ? _encodedLength : _encodedLength = Measure();

    /// <summary>Reads a node that takes up all of <paramref name="block"/>.</summary>
    /// <param name="block">The block; <see cref="Data"/> refers to it.</param>
    /// <exception cref="DagException"><c>InvalidDagPb</c>: the message says what is wrong, and where.</exception>
    public static DagPbNode Decode(ReadOnlyMemory<byte> block)
    {
        var reader = new DagPbReader(block.Span);
        var links = new List<DagPbLink>();
        while (reader.TryReadLink(out DagPbLink link))
        {
            links.Add(link);
        }

        // Without the cast the null would become empty memory.
        return new DagPbNode(links, reader.HasData ? (ReadOnlyMemory<byte>?)block[reader.Data] : null);
    }

    /// <summary>Writes the node in its canonical form.</summary>
    /// <param name="destination">At least <see cref="EncodedLength"/> bytes.</param>
    /// <returns><see cref="EncodedLength"/>.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="DagException"><c>InvalidDagPb</c>: a name is no Unicode text.</exception>
    public int Encode(Span<byte> destination)
    {
        if (destination.Length < EncodedLength)
        {
            throw new ArgumentException($"The node takes {EncodedLength} bytes, and there is room for {destination.Length}.", nameof(destination));
        }

        var writer = new ProtobufWriter(destination);
        foreach (DagPbLink link in _sorted)
        {
            int nameLength = link.HasName ? Encoding.UTF8.GetByteCount(link.Name) : 0;
            writer.WriteBytesHeader(DagPbFields.NodeLinks, LinkLength(link, nameLength));
            writer.WriteBytes(DagPbFields.LinkHash, link.Cid.Bytes);
            if (link.HasName)
            {
                writer.WriteText(DagPbFields.LinkName, link.Name, nameLength);
            }

            if (link.HasTsize)
            {
                writer.WriteVarint(DagPbFields.LinkTsize, link.Tsize);
            }
        }

        if (HasData)
        {
            writer.WriteBytes(DagPbFields.NodeData, Data.Span);
        }

        return writer.Position;
    }

    /// <summary>Returns the node in its canonical form, in an array of the caller's own.</summary>
    /// <exception cref="DagException"><c>InvalidDagPb</c>: a name is no Unicode text.</exception>
    public byte[] ToByteArray()
    {
        var block = new byte[EncodedLength];
        Encode(block);
        return block;
    }

    private static bool IsSorted(IReadOnlyList<DagPbLink> links)
    {
        for (int i = 1; i < links.Count; i++)
        {
            if (DagPbNameOrder.Compare(links[i - 1].Name, links[i].Name) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static int LinkLength(in DagPbLink link, int nameLength) =>
        checked((int)(ProtobufWriter.BytesFieldSize(link.Cid.ByteLength)
            + (link.HasName ? ProtobufWriter.BytesFieldSize(nameLength) : 0)
            + (link.HasTsize ? ProtobufWriter.VarintFieldSize(link.Tsize) : 0)));

    private static int StrictNameLength(in DagPbLink link)
    {
        try
        {
            return link.HasName ? _strictUtf8.GetByteCount(link.Name) : 0;
        }
        catch (EncoderFallbackException exception)
        {
            throw new DagException(DagErrorIds.InvalidDagPb, "A link's name is no Unicode text: it has half of a surrogate pair.", exception);
        }
    }

    private int Measure()
    {
        long length = HasData ? ProtobufWriter.BytesFieldSize(Data.Length) : 0;
        foreach (DagPbLink link in _sorted)
        {
            length += ProtobufWriter.BytesFieldSize(LinkLength(link, StrictNameLength(link)));
        }

        return checked((int)length);
    }
}
