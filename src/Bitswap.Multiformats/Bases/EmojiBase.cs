using System.Text;

namespace Bitswap.Multiformats.Bases;

/// <summary>base256emoji: an emoji a byte, by the table of the multibase repository's rfcs/Base256Emoji.md.</summary>
internal sealed class EmojiBase : TextBase
{
    private const string Alphabet =
        "🚀🪐☄🛰🌌🌑🌒🌓🌔🌕🌖🌗🌘🌍🌏🌎🐉☀💻🖥💾💿😂❤😍🤣😊🙏💕😭😘👍" +
        "😅👏😁🔥🥰💔💖💙😢🤔😆🙄💪😉☺👌🤗💜😔😎😇🌹🤦🎉💞✌✨🤷😱😌🌸🙌" +
        "😋💗💚😏💛🙂💓🤩😄😀🖤😃💯🙈👇🎶😒🤭❣😜💋👀😪😑💥🙋😞😩😡🤪👊🥳" +
        "😥🤤👉💃😳✋😚😝😴🌟😬🙃🍀🌷😻😓⭐✅🥺🌈😈🤘💦✔😣🏃💐☹🎊💘😠☝" +
        "😕🌺🎂🌻😐🖕💝🙊😹🗣💫💀👑🎵🤞😛🔴😤🌼😫⚽🤙☕🏆🤫👈😮🙆🍻🍃🐶💁" +
        "😲🌿🧡🎁⚡🌞🎈❌✊👋😰🤨😶🤝🚶💰🍓💢🤟🙁🚨💨🤬✈🎀🍺🤓😙💟🌱😖👶" +
        "🥴▶➡❓💎💸⬇😨🌚🦋😷🕺⚠🙅😟😵👎🤲🤠🤧📌🔵💅🧐🐾🍒😗🤑🌊🤯🐷☎" +
        "💧😯💆👆🎤🙇🍑❄🌴💣🐸💌📍🥀🤢👅💡💩👐📸👻🤐🤮🎼🥵🚩🍎🍊👼💍📣🥂";

    private readonly Rune[] _runes = [.. Alphabet.EnumerateRunes()];
    private readonly Dictionary<Rune, byte> _values = [];

    public EmojiBase()
        : base("\U0001F680", "base256emoji")
    {
        for (int i = 0; i < _runes.Length; i++)
        {
            _values.Add(_runes[i], (byte)i);
        }
    }

    public override string Encode(ReadOnlySpan<byte> data, string prefix)
    {
        var text = new StringBuilder(prefix, prefix.Length + (data.Length * 2));
        foreach (byte b in data)
        {
            text.Append(_runes[b]);
        }

        return text.ToString();
    }

    public override int MaxDecodedLength(int length) => length;

    public override string? Decode(ReadOnlySpan<char> text, int origin, Span<byte> destination, out int written)
    {
        written = 0;
        for (int at = 0; at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text[at..], out Rune rune, out int used) != System.Buffers.OperationStatus.Done ||
                !_values.TryGetValue(rune, out byte value))
            {
                written = 0;
                return Stray(text[at], origin + at);
            }

            destination[written++] = value;
            at += used;
        }

        return null;
    }
}
