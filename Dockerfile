# syntax=docker/dockerfile:1

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
# Only what restore needs, so that this layer is rebuilt only when a dependency changes.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt ./
COPY src/Libvips.targets src/Precompile.targets src/
COPY src/GenApi/GenApi.csproj src/GenApi/packages.lock.json src/GenApi/
COPY src/GenApi.Core/GenApi.Core.csproj src/GenApi.Core/packages.lock.json src/GenApi.Core/
COPY src/GenApi.Sandbox/GenApi.Sandbox.csproj src/GenApi.Sandbox/packages.lock.json src/GenApi.Sandbox/
RUN dotnet restore src/GenApi/GenApi.csproj --locked-mode -p:Precompile=true
COPY .editorconfig appsettings.json ./
COPY src/ src/
RUN dotnet publish src/GenApi/GenApi.csproj --configuration Release --no-restore --output /app -p:Precompile=true
# SQLite for other systems, which never runs here.
RUN find /app/runtimes -mindepth 1 -maxdepth 1 ! -name "linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/; s/armv7l/arm/')" -exec rm -r {} +
# An empty folder to copy: the final image has no shell to make one.
RUN mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled AS final
WORKDIR /app
COPY --from=build /app ./
# Models can be kept warm by the hours of any time zone; the base image knows only UTC.
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build --chown=$APP_UID:$APP_UID /data /data
# The base image sets a port as well, and GenApi would warn that Urls wins.
ENV ASPNETCORE_HTTP_PORTS= \
    Urls=http://+:8080 \
    DataDirectory=/data \
    DOTNET_ENVIRONMENT=Production
USER $APP_UID
VOLUME /data
EXPOSE 8080
# The image has neither a shell nor curl, so the program checks itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["dotnet", "GenApi.dll", "health"]
ENTRYPOINT ["dotnet", "GenApi.dll"]
