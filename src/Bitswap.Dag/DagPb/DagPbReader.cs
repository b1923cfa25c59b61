using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Dag.DagPb;

/// <summary>
/// Reads the links of a dag-pb block one by one, under the rules of ipld.io/specs/codecs/dag-pb/spec ("Protobuf Strictness").
/// </summary>
internal ref struct DagPbReader(ReadOnlySpan<byte> block)
{
    private const string What = "dag-pb node";
    private static readonly ProtobufDialect _dialect = DagProtobuf.Dialect(DagErrorIds.InvalidDagPb, What);
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _block = block;
    private ProtobufReader _node = new(block, _dialect);
    private bool _hasLinks;
    private bool _linksEnded;

    /// <summary>Gets whether data has been seen; final once all links are read.</summary>
    public bool HasData { get; private set; }

    /// <summary>Gets where in the block the data is.</summary>
    public Range Data { get; private set; }

    /// <summary>Reads the next link; false at the end of the block.</summary>
    /// <param name="link">The link.</param>
    public bool TryReadLink(out DagPbLink link)
    {
        int start = _node.Position;
        if (!TryReadLink(out link, out ReadOnlySpan<byte> name))
        {
            return false;
        }

        link = link with { Name = ReadName(start, name) };
        return true;
    }

    /// <summary>Reads the next link but for its name; false at the end of the block.</summary>
    /// <param name="link">The link, with an empty name.</param>
    /// <param name="name">The bytes of the name, which should be UTF-8 and are not checked for it.</param>
    public bool TryReadLink(out DagPbLink link, out ReadOnlySpan<byte> name)
    {
        while (_node.TryReadTag(out ProtobufTag tag))
        {
            if (tag.Field is not (DagPbFields.NodeData or DagPbFields.NodeLinks))
            {
                throw _node.Invalid($"it has a field {tag.Field}");
            }

            if (tag.Type != ProtobufWireType.Bytes)
            {
                throw _node.WrongType(tag);
            }

            if (tag.Field == DagPbFields.NodeLinks)
            {
                if (_linksEnded)
                {
                    throw _node.Invalid("links stand on both sides of the data");
                }

                _hasLinks = true;
                link = ReadLink(_node.ReadRange(), out name);
                return true;
            }

            if (HasData)
            {
                throw _node.Invalid("it has data twice");
            }

            HasData = true;
            _linksEnded = _hasLinks;
            Data = _node.ReadRange();
        }

        link = default;
        name = default;
        return false;
    }

    private readonly DagPbLink ReadLink(Range range, out ReadOnlySpan<byte> name)
    {
        int start = range.Start.Value;
        ReadOnlySpan<byte> source = _block[range];
        var reader = new ProtobufReader(source, _dialect);
        Cid? cid = null;
        name = default;
        bool hasName = false;
        ulong? tsize = null;
        int last = 0;
        while (reader.TryReadTag(out ProtobufTag tag))
        {
            (int field, ProtobufWireType type) = tag;
            if (field is 0 or > DagPbFields.LinkTsize)
            {
                throw Invalid(start, $"a link has a field {field}");
            }

            if (field <= last)
            {
                throw Invalid(start, $"the fields of a link are repeated or out of order: {field} comes after {last}");
            }

            last = field;
            if (type != (field == DagPbFields.LinkTsize ? ProtobufWireType.Varint : ProtobufWireType.Bytes))
            {
                throw Invalid(start, $"field {field} of a link has wire type {(int)type}");
            }

            switch (field)
            {
                case DagPbFields.LinkHash:
                    cid = ReadCid(start, reader.ReadBytes());
                    break;
                case DagPbFields.LinkName:
                    name = reader.ReadBytes();
                    hasName = true;
                    break;
                default:
                    tsize = reader.ReadVarint();
                    break;
            }
        }

        return cid is null
            ? throw Invalid(start, "a link has no hash")
            : new DagPbLink(cid, string.Empty, tsize.GetValueOrDefault()) { HasName = hasName, HasTsize = tsize is not null };
    }

    private static Cid ReadCid(int start, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Cid.FromBytes(bytes);
        }
        catch (MultiformatException exception)
        {
            throw new DagException(
                DagErrorIds.InvalidDagPb, $"Not a {What}: the hash of the link at byte {start} is no CID. {exception.Message}", exception);
        }
    }

    private static string ReadName(int start, ReadOnlySpan<byte> text)
    {
        try
        {
            return text.IsEmpty ? string.Empty : _strictUtf8.GetString(text);
        }
        catch (DecoderFallbackException exception)
        {
            throw new DagException(
                DagErrorIds.InvalidDagPb, $"Not a {What}: the name of the link at byte {start} is not in UTF-8.", exception);
        }
    }

    private static DagException Invalid(int start, string why) => new(DagErrorIds.InvalidDagPb, $"Not a {What}: {why} (link at byte {start}).");
}

/// <summary>Defines the field numbers of the protobuf schema in ipld.io/specs/codecs/dag-pb/spec.</summary>
internal static class DagPbFields
{
    public const int NodeData = 1;
    public const int NodeLinks = 2;
    public const int LinkHash = 1;
    public const int LinkName = 2;
    public const int LinkTsize = 3;
}

/// <summary>Makes the dialects in which protobuf is read in a block: a block has one form, and its hash names that one.</summary>
internal static class DagProtobuf
{
    /// <summary>Returns the dialect of a format.</summary>
    /// <param name="errorId">The id of its errors.</param>
    /// <param name="what">What a message should be, as in "Not a {what}".</param>
    public static ProtobufDialect Dialect(string errorId, string what) =>
        new(IsCanonical: true, (why, position) => new DagException(errorId, $"Not a {what}: {why} (at byte {position})."));
}
