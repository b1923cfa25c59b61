namespace Bitswap.Multiformats.Bases;

/// <summary>Represents a base whose every character stands for a fixed number of bits (RFC 4648 and those like it).</summary>
internal sealed class BitBase : TextBase
{
    private const char Pad = '=';

    private readonly string _alphabet;
    private readonly byte[] _values;
    private readonly int _bits;
    private readonly int _padGroup;

    /// <param name="prefix">The multibase prefix.</param>
    /// <param name="name">The name in the multibase table.</param>
    /// <param name="alphabet">The characters, by value; a power of two of them.</param>
    /// <param name="anyCase">Whether letters are read in either case.</param>
    /// <param name="padGroup">The group that padding fills up (8 for base32, 4 for base64), or 0 for no padding.</param>
    public BitBase(string prefix, string name, string alphabet, bool anyCase, int padGroup = 0)
        : base(prefix, name)
    {
        _alphabet = alphabet;
        _bits = System.Numerics.BitOperations.Log2((uint)alphabet.Length);
        _padGroup = padGroup;
        _values = AlphabetTable.Build(alphabet, anyCase);
    }

    public override string Encode(ReadOnlySpan<byte> data, string prefix)
    {
        int characters = checked((int)((((long)data.Length * 8) + _bits - 1) / _bits));
        int padded = _padGroup == 0 ? characters : checked((characters + _padGroup - 1) / _padGroup * _padGroup);
        return string.Create(prefix.Length + padded, new Job(this, data, prefix), static (text, job) =>
        {
            job.Prefix.CopyTo(text);
            job.Base.Fill(job.Data, text[job.Prefix.Length..]);
        });
    }

    public override int MaxDecodedLength(int length) => (int)((long)length * _bits / 8);

    public override string? Decode(ReadOnlySpan<char> text, int origin, Span<byte> destination, out int written)
    {
        written = 0;
        int characters = text.Length;
        if (_padGroup != 0)
        {
            characters = text.TrimEnd(Pad).Length;
            if (text.Length != (characters + _padGroup - 1) / _padGroup * _padGroup)
            {
                return $"the padding does not fill {Name} up to a multiple of {_padGroup} characters";
            }
        }

        ReadOnlySpan<byte> values = _values;
        int bits = _bits;
        uint buffer = 0;
        int held = 0;
        for (int i = 0; i < characters; i++)
        {
            char c = text[i];
            byte value = c < values.Length ? values[c] : AlphabetTable.None;
            if (value == AlphabetTable.None)
            {
                written = 0;
                return Stray(c, origin + i);
            }

            buffer = (buffer << bits) | value;
            held += bits;
            if (held >= 8)
            {
                held -= 8;
                destination[written++] = (byte)(buffer >> held);
            }
        }

        if (held >= bits)
        {
            written = 0;
            return $"{characters} characters are no possible length of {Name}";
        }

        if ((buffer & ((1u << held) - 1)) != 0)
        {
            written = 0;
            return $"the unused bits of the last character, at position {origin + characters - 1}, are not zero, which {Name} asks for";
        }

        return null;
    }

    private void Fill(ReadOnlySpan<byte> data, Span<char> text)
    {
        ReadOnlySpan<char> alphabet = _alphabet;
        int bits = _bits;
        uint mask = (1u << bits) - 1;
        uint buffer = 0;
        int held = 0;
        int at = 0;
        foreach (byte b in data)
        {
            buffer = (buffer << 8) | b;
            held += 8;
            while (held >= bits)
            {
                held -= bits;
                text[at++] = alphabet[(int)((buffer >> held) & mask)];
            }
        }

        if (held > 0)
        {
            text[at++] = alphabet[(int)((buffer << (bits - held)) & mask)];
        }

        text[at..].Fill(Pad);
    }

    private readonly ref struct Job(BitBase @base, ReadOnlySpan<byte> data, string prefix)
    {
        public readonly BitBase Base = @base;
        public readonly ReadOnlySpan<byte> Data = data;
        public readonly string Prefix = prefix;
    }
}
