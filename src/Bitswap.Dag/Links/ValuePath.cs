using System.Globalization;
using System.Text;

namespace Bitswap.Dag.Links;

/// <summary>
/// Follows names through the values of one block while its links are read: keys of maps, and places in lists counted from 0, up to the first link
/// (ipld.io/docs/data-model/pathing).
/// </summary>
internal sealed class ValuePath
{
    private readonly byte[][] _names;
    private readonly long[] _places;
    private int _depth;

    /// <summary>Begins at the top of a block.</summary>
    /// <param name="names">The names to follow, at least one.</param>
    public ValuePath(IEnumerable<string> names)
    {
        _names = [.. names.Select(Encoding.UTF8.GetBytes)];
        _places = Array.ConvertAll(_names, PlaceOf);
    }

    /// <summary>Gets the link that was come to, or null.</summary>
    public Cid? Link { get; private set; }

    /// <summary>Gets how many names were followed: to the link, or as far as there are values.</summary>
    public int Followed { get; private set; }

    /// <summary>Goes from a map or list to one of its values.</summary>
    /// <param name="depth">How many maps and lists are around the value.</param>
    /// <param name="key">The key, of a map.</param>
    /// <param name="place">The place, of a list; -1 of a map.</param>
    public void Enter(int depth, ReadOnlySpan<byte> key, long place)
    {
        // further in than the names lead so far, or beside them
        if (depth > _depth + 1 || depth > _names.Length || Link is not null)
        {
            return;
        }

        _depth = depth - 1;
        if (place >= 0 ? _places[_depth] == place : _names[_depth].AsSpan().SequenceEqual(key))
        {
            _depth++;
            Followed = Math.Max(Followed, _depth);
        }
    }

    /// <summary>Comes to a link.</summary>
    /// <param name="depth">How many maps and lists are around it.</param>
    /// <param name="link">The link.</param>
    public void Reach(int depth, Cid link)
    {
        if (Link is null && depth == _depth)
        {
            (Link, Followed) = (link, depth);
        }
    }

    private static long PlaceOf(byte[] name) =>
        long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long place) && (name.Length == 1 || name[0] != '0') ? place : -1;
}
