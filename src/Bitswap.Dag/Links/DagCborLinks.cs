namespace Bitswap.Dag.Links;

/// <summary>The links of a dag-cbor block.</summary>
internal static class DagCborLinks
{
    public static void Read(ReadOnlySpan<byte> block, int maxNesting, LinkSink sink)
    {
        var reader = new DagCborReader(block, DagErrorIds.InvalidDagCbor);
        ReadItem(ref reader, maxNesting, sink);
        if (!reader.IsAtEnd)
        {
            throw reader.Invalid($"{block.Length - reader.Position} bytes follow its value");
        }
    }

    private static void ReadItem(ref DagCborReader reader, int depthLeft, LinkSink sink)
    {
        CborMajor major = reader.ReadHead(out ulong value);
        switch (major)
        {
            // Text is not checked for being UTF-8. "Strictness" does not ask for it, and the data model (ipld.io/docs/data-model/kinds, "String
            // kind") has codecs read any bytes there: such blocks are about, and their links are as good as others.
            case CborMajor.Bytes or CborMajor.Text:
                reader.ReadBody(value);
                break;
            case CborMajor.List:
                Descend(depthLeft);
                reader.CheckCount(value);
                for (ulong i = 0; i < value; i++)
                {
                    ReadItem(ref reader, depthLeft - 1, sink);
                }

                break;
            case CborMajor.Map:
                Descend(depthLeft);
                ReadMap(ref reader, value, depthLeft, sink);
                break;
            case CborMajor.Tag:
                sink.Add(value == DagCborReader.CidTag ? reader.ReadCid() : throw reader.Invalid($"tag {value} has no place in it"));
                break;
        }
    }

    private static void ReadMap(ref DagCborReader reader, ulong count, int depthLeft, LinkSink sink)
    {
        reader.CheckCount(count);
        ReadOnlySpan<byte> last = default;
        for (ulong i = 0; i < count; i++)
        {
            if (reader.ReadHead(out ulong length) != CborMajor.Text)
            {
                throw reader.Invalid("a key of a map is no text");
            }

            ReadOnlySpan<byte> key = reader.ReadBody(length);
            if (i > 0 && Compare(last, key) >= 0)
            {
                throw reader.Invalid("the keys of a map are repeated or out of order");
            }

            last = key;
            ReadItem(ref reader, depthLeft - 1, sink);
        }
    }

    // Bytewise with the head included: the shorter first.
    private static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);

    private static void Descend(int depthLeft)
    {
        if (depthLeft == 0)
        {
            throw new DagException(DagErrorIds.DagLimitExceeded, "Lists and maps stand deeper in one another than the limit allows.");
        }
    }
}
