using System.Globalization;

namespace GenApi.Bench.Rivals;

/// <summary>npm's sharp, which stands on libvips too, with the same files, size, quality and number of conversions at once.</summary>
internal static class Sharp
{
    private const string Version = "0.35.5", Script = "sharp.mjs";

    private static readonly string Code = $$"""
        import fs from 'node:fs';
        import sharp from 'sharp';
        const [folder, seconds] = process.argv.slice(2);
        sharp.cache(false);
        const names = fs.readdirSync(folder).filter(name => name.endsWith('.png')).sort();
        const files = names.map(name => fs.readFileSync(`${folder}/${name}`));
        const convert = file => sharp(file)
          .resize({{Conversions.Pixels}}, {{Conversions.Pixels}}, { fit: 'inside', withoutEnlargement: true })
          .webp({ quality: {{Conversions.Quality}} }).toBuffer();
        for (let warmUp = 0; warmUp < 2; warmUp++)
          await Promise.all(files.map(convert));
        let next = 0;
        const began = performance.now();
        await Promise.all(Array.from({ length: {{Conversions.Workers}} }, async () => {
          while (performance.now() - began < seconds * 1000)
            await convert(files[next++ % files.length]);
        }));
        console.log(next / ((performance.now() - began) / 1000));
        """;

    /// <summary>Installs it from the registry that npm is configured for.</summary>
    /// <exception cref="BenchException">Node or npm is missing, or the package can't be had.</exception>
    public static async Task InstallAsync(string folder, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"private":true,"type":"module"}""", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, Script), Code, cancellationToken);
        await Output.OfAsync(["npm", "install", "--no-audit", "--no-fund", $"sharp@{Version}"], folder, cancellationToken);
    }

    /// <returns>Conversions a second.</returns>
    public static async Task<double> RunAsync(string folder, string files, double seconds, CancellationToken cancellationToken)
    {
        string[] command = ["node", Script, files, seconds.ToString(CultureInfo.InvariantCulture)];
        return double.Parse(await Output.OfAsync(command, folder, cancellationToken), CultureInfo.InvariantCulture);
    }
}
