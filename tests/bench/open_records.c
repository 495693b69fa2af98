/* SPDX-License-Identifier: MIT */
/*
 * The floor under decrypting TLS: libcrypto opens the same record again and again, and nothing else.
 *
 * open_records N SIZE: N records with SIZE octets in each, AES-256-GCM as TLS 1.3 has it: a nonce, five octets
 * that are authenticated, a tag.  Prints the seconds of CPU that it took; 77 where there is no libcrypto.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef HAVE_OPENSSL
#include <openssl/evp.h>

enum { HEADER_SIZE = 5, NONCE_SIZE = 12, TAG_SIZE = 16, SIZE_MOST = 16384 };

static unsigned char record[SIZE_MOST], plain[SIZE_MOST + 64], tag[TAG_SIZE];
static const unsigned char header[HEADER_SIZE] = {23, 3, 3}, nonce[NONCE_SIZE], key[32];

static int seal(EVP_CIPHER_CTX *context, int size)
{
	int n;
	return EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
	       EVP_EncryptUpdate(context, NULL, &n, header, HEADER_SIZE) == 1 &&
	       EVP_EncryptUpdate(context, record, &n, plain, size) == 1 &&
	       EVP_EncryptFinal_ex(context, plain, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag) == 1;
}

static int open_it(EVP_CIPHER_CTX *context, int size)
{
	int n;
	return EVP_DecryptInit_ex(context, NULL, NULL, NULL, nonce) == 1 &&
	       EVP_DecryptUpdate(context, NULL, &n, header, HEADER_SIZE) == 1 &&
	       EVP_DecryptUpdate(context, plain, &n, record, size) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) == 1 &&
	       EVP_DecryptFinal_ex(context, plain + n, &n) == 1;
}

int main(int argc, char **argv)
{
	long n_records = argc == 3 ? strtol(argv[1], NULL, 10) : 0, size = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	if (n_records < 1 || size < 1 || size > SIZE_MOST) {
		fputs("open_records: give it how many records, and how large\n", stderr);
		return 2;
	}
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int good = context != NULL && seal(context, (int)size) == 1 &&
	           EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1;
	clock_t begin = clock();
	for (long i = 0; i < n_records && good; i++)
		good = open_it(context, (int)size);
	printf("%.6f\n", (double)(clock() - begin) / CLOCKS_PER_SEC);
	EVP_CIPHER_CTX_free(context);
	return good ? 0 : 2;
}
#else
int main(void)
{
	fputs("open_records: built without OpenSSL\n", stderr);
	return 77;
}
#endif
