using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Hamt;
using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Represents the root block of a file, directory or symlink.</summary>
internal sealed class EntryItem : ReadItem, IFileBytes
{
    private const long MaxBlock = 4 << 20;
    private const long NodeEstimate = 64 << 10;
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly WalkContext _context;
    private readonly string _name;
    private readonly string _path;
    private readonly int _depth;
    private readonly ulong? _tsize;
    private readonly bool _isRepeated;

    /// <summary>Makes the item of what was asked for itself.</summary>
    public EntryItem(WalkContext context, Cid cid)
        : this(context, cid, "", "", 0, null)
    {
    }

    private EntryItem(WalkContext context, Cid cid, string name, string path, int depth, ulong? tsize, bool isRepeated = false)
        : base(cid)
    {
        _isRepeated = isRepeated;
        _context = context;
        _name = name;
        _path = path;
        _depth = depth;
        _tsize = tsize;
    }

    /// <inheritdoc/>
    public override bool NeedsBlock => _depth == 0 || (!IsForeign && (_context.Contents || Cid.Codec == Multicodec.DagPb || _tsize is null));

    /// <inheritdoc/>
    public override long Estimate => Math.Min((long)(_tsize ?? NodeEstimate), Cid.Codec == Multicodec.Raw ? MaxBlock : NodeEstimate);

    /// <summary>Gets what it is; set once the item is open.</summary>
    public UnixFsEntry Entry { get; private set; } = null!;

    /// <inheritdoc/>
    public EntryItem Owner => this;

    /// <inheritdoc/>
    public long DataOffset { get; private set; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>Gets the names from what was asked for down to this; known before the block is.</summary>
    public string RelativePath => _path;

    /// <summary>Gets whether it is what was asked for itself.</summary>
    public bool IsRoot => _depth == 0;

    // no block of a file system, whatever is in it
    private bool IsForeign => Cid.Codec is not (Multicodec.Raw or Multicodec.DagPb);

    private bool IsFollowed => _context.Recurse || _depth == 0;

    /// <summary>Returns an entry of this directory; null where the walk takes none of its name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="link">The link to it.</param>
    /// <param name="isRepeated">Whether an entry before it has the name, too.</param>
    public EntryItem? Child(string name, in DagPbLink link, bool isRepeated = false)
    {
        _context.CheckDepth(_depth + 1, link.Cid);
        string path = _path.Length == 0 ? name : $"{_path}/{name}";
        if (_context.TakesName?.Invoke(name, path, link.Cid) == false)
        {
            return null;
        }

        ulong? tsize = link.HasTsize && link.Tsize <= long.MaxValue ? link.Tsize : null;
        return new EntryItem(_context, link.Cid, name, path, _depth + 1, tsize, isRepeated);
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<ReadItem> Open(ReadOnlyMemory<byte> block)
    {
        if (!NeedsBlock)
        {
            bool isRaw = Cid.Codec == Multicodec.Raw;
            Entry = Make(isRaw ? UnixFsEntryType.File : UnixFsEntryType.Other, null, isRaw ? (long?)_tsize : null);
            return [];
        }

        if (Cid.Codec == Multicodec.Raw)
        {
            return OpenFile(new FilePart(block.Length, block, [], null));
        }

        UnixFsBlock decoded = UnixFsBlock.Decode(Cid, block, _context.Limits);
        if (decoded.Data.Type is not (UnixFsType.File or UnixFsType.Raw))
        {
            Refuse(decoded.Data.Type);
        }

        switch (decoded.Data.Type)
        {
            case UnixFsType.File or UnixFsType.Raw:
                return OpenFile(FilePart.Of(Cid, decoded));
            case UnixFsType.Directory:
                Entry = Make(UnixFsEntryType.Directory, decoded.Data, null);
                return IsFollowed ? Links(decoded.Node) : [];
            case UnixFsType.HamtShard:
                Entry = Make(UnixFsEntryType.Directory, decoded.Data, null);
                return IsFollowed ? ShardItem.Follow(_context, this, HamtShard.Of(Cid, decoded), 0, 0) : [];
            case UnixFsType.Symlink:
                Entry = Make(UnixFsEntryType.Symlink, decoded.Data, null) with { Target = TargetOf(decoded.Data) };
                return [];
            default:
                throw new DagException(DagErrorIds.InvalidUnixFs, $"The block {Cid} is {decoded.Data.Type}, which is no entry of a directory.") { Cid = Cid };
        }
    }

    /// <inheritdoc/>
    internal override bool GoOnWithout(Exception cause)
    {
        if (_depth == 0)
        {
            return false;
        }

        // of a directory with a bad shard it is known that it is one
        Entry ??= Make(Cid.Codec == Multicodec.Raw ? UnixFsEntryType.File : UnixFsEntryType.Unknown, null, null);
        return _context.GoOn(_path, Cid, isPart: false, cause);
    }

    private void Refuse(UnixFsType type)
    {
        if (_context.FileOnly)
        {
            throw new DagException(DagErrorIds.NotAFile, $"{Cid} is a {type}, and no file.") { Cid = Cid };
        }
    }

    private IReadOnlyList<ReadItem> OpenFile(FilePart part)
    {
        Entry = Make(UnixFsEntryType.File, part.Entry, part.Size);
        if (!_context.Contents)
        {
            return [];
        }

        _context.CountBytes(Math.Max(0, Math.Min(part.Size, _context.To) - _context.From), Cid);
        IReadOnlyList<ReadItem> children = FileItem.Follow(_context, this, part, 0, 0, out long dataOffset, out ReadOnlyMemory<byte> data);
        (DataOffset, Data) = (dataOffset, data);
        return children;
    }

    private List<ReadItem> Links(DagPbNode node)
    {
        _context.CountEntries(node.Links.Count, Cid);
        List<ReadItem> children = new(node.Links.Count);
        HashSet<string> names = new(node.Links.Count, StringComparer.Ordinal);
        foreach (DagPbLink link in node.Links)
        {
            if (Child(link.Name, link, isRepeated: !names.Add(link.Name)) is { } child)
            {
                children.Add(child);
            }
        }

        return children;
    }

    private string TargetOf(UnixFsData data)
    {
        try
        {
            return _strictUtf8.GetString(data.Data.Span);
        }
        catch (DecoderFallbackException)
        {
            throw new DagException(DagErrorIds.InvalidUnixFs, $"The symlink {Cid} leads to what is no UTF-8.") { Cid = Cid };
        }
    }

    private UnixFsEntry Make(UnixFsEntryType type, UnixFsData? data, long? size) => new()
    {
        Name = _name,
        RelativePath = _path,
        Depth = _depth,
        Cid = Cid,
        Type = type,
        Size = size,
        IsRepeated = _isRepeated,
        Mode = data?.Mode,
        Mtime = data?.Mtime,
    };
}
