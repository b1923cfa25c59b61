using System.Text;
using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.Links;

/// <summary>Reads the links of a dag-cbor block.</summary>
internal static class DagCborLinks
{
    public static void Read(ReadOnlySpan<byte> block, LinkSink sink)
    {
        var reader = new DagCborReader(block, DagErrorIds.InvalidDagCbor, sink);
        ReadItem(ref reader, 0, sink, []);
        if (!reader.IsAtEnd)
        {
            throw reader.Invalid($"{block.Length - reader.Position} bytes follow its value");
        }
    }

    private static void ReadItem(ref DagCborReader reader, int depth, LinkSink sink, List<Range> keys)
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
                sink.CheckDepth(depth);
                reader.CheckCount(value);
                for (ulong i = 0; i < value; i++)
                {
                    sink.EnterPlace(depth, (long)i);
                    ReadItem(ref reader, depth + 1, sink, keys);
                }

                break;
            case CborMajor.Map:
                sink.CheckDepth(depth);
                ReadMap(ref reader, value, depth, sink, keys);
                break;
            case CborMajor.Tag:
                sink.AddAt(depth, value == DagCborReader.CidTag ? reader.ReadCid() : throw reader.Invalid($"tag {value} has no place in it"));
                break;
        }
    }

    // the keys are a stack: those of a map are at its top while the map is read
    private static void ReadMap(ref DagCborReader reader, ulong count, int depth, LinkSink sink, List<Range> keys)
    {
        reader.CheckCount(count);
        int first = keys.Count;
        bool isSorted = true;
        ReadOnlySpan<byte> last = default;
        for (ulong i = 0; i < count; i++)
        {
            if (reader.ReadHead(out ulong length) != CborMajor.Text)
            {
                throw reader.Invalid("a key of a map is no text");
            }

            ReadOnlySpan<byte> key = reader.ReadBody(length);
            keys.Add((reader.Position - key.Length)..reader.Position);
            int order = i == 0 ? -1 : Compare(last, key);
            if (order == 0)
            {
                throw reader.Invalid("a key of a map is repeated");
            }

            if (order > 0)
            {
                isSorted = false;
                sink.Deviate("the keys of a map are out of order", reader.Position);
            }

            last = key;
            sink.EnterKey(depth, key);
            ReadItem(ref reader, depth + 1, sink, keys);
        }

        if (!isSorted)
        {
            CheckUnique(reader, keys, first);
        }

        keys.RemoveRange(first, keys.Count - first);
    }

    private static void CheckUnique(in DagCborReader reader, List<Range> keys, int first)
    {
        HashSet<string> seen = new(keys.Count - first, StringComparer.Ordinal);
        for (int i = first; i < keys.Count; i++)
        {
            // a character for each byte, whatever the bytes are
            if (!seen.Add(Encoding.Latin1.GetString(reader.At(keys[i]))))
            {
                throw reader.Invalid("a key of a map is repeated");
            }
        }
    }

    // Bytewise with the head included: the shorter first.
    private static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);
}
