using System.Text.RegularExpressions;
using Bitswap.Output;
using ZXing;
using ZXing.Common;
using ZXing.QrCode;

namespace Bitswap.Tests;

public sealed partial class QrDrawingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(150)]
    [InlineData(400)]
    [InlineData(2953)]
    public void Another_reader_reads_what_is_drawn(int length)
    {
        string text = string.Concat(Enumerable.Range(0, length).Select(static i => (char)('!' + (i * 7 % 90))));

        QrLines? lines = QrDrawing.Draw(text);

        Assert.NotNull(lines);
        Assert.Equal(text, Read(lines));
    }

    [Fact]
    public void A_link_with_three_addresses_fits_into_eighty_columns()
    {
        string link = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi?provider=" + string.Join("&provider=", Enumerable.Range(0, 3).Select(
            static i => $"/ip4/203.0.113.{i}/tcp/40001/p2p/12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv"));

        QrLines? lines = QrDrawing.Draw(link);

        Assert.NotNull(lines);
        Assert.InRange(lines.Width, 21, 80);
    }

    [Fact]
    public void A_text_that_no_code_holds_is_not_drawn() => Assert.Null(QrDrawing.Draw(new string('a', 2954)));

    /// <summary>Reads the characters as a camera sees them on a dark screen without colours, each module as four dots by four.</summary>
    private static string? Read(QrLines lines)
    {
        string[] rows = Colours().Replace(lines.Text, "").Split(Environment.NewLine);
        Assert.All(rows, row => Assert.Equal(lines.Width, row.Length));
        const int Dots = 4;
        int width = lines.Width * Dots, height = rows.Length * 2 * Dots;
        byte[] dots = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                char drawn = rows[y / (2 * Dots)][x / Dots];
                bool light = drawn == '█' || drawn == (y / Dots % 2 == 0 ? '▀' : '▄');
                dots[(y * width) + x] = light ? byte.MaxValue : byte.MinValue;
            }
        }

        BinaryBitmap image = new(new GlobalHistogramBinarizer(new RGBLuminanceSource(dots, width, height, RGBLuminanceSource.BitmapFormat.Gray8)));
        return new QRCodeReader().decode(image, new Dictionary<DecodeHintType, object> { [DecodeHintType.PURE_BARCODE] = true })?.Text;
    }

    [GeneratedRegex("\e\\[[0-9;]*m")]
    private static partial Regex Colours();
}
